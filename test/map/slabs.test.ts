import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Communicator } from "../../src/comm/types.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { halfLength } from "../../src/geometry/shells.ts";
import { correctedFsc } from "../../src/map/corrected-fsc.ts";
import { deviceFft3 } from "../../src/map/device-fft3.ts";
import { gatherMap, slabOfMap } from "../../src/map/map-slab.ts";
import { sphereMaskInto, sphereMaskPlanesInto } from "../../src/map/masks.ts";
import { makeSlabFft3 } from "../../src/map/slab-fft3.ts";
import { correctedFscOfSlabs } from "../../src/map/slab-fsc.ts";
import { bytesOf, makeSignal } from "../device/backends.ts";
import { runRanks } from "../support/in-process-ranks.ts";

// Even and odd boxes, a prime one, and one with fewer planes than there are ranks.
const BOXES = [16, 15, 13, 4];
const RANKS = [1, 2, 3, 4, 5];

let device: Device;
beforeAll(() => {
  device = openDevice({ threads: 2 });
});
afterAll(() => device.close());

const onRanks = <Result>(n: number, run: (comm: Communicator) => Promise<Result>) => runRanks(n, run);

describe.each(RANKS)("maps in slabs on %i ranks", (ranks) => {
  test.each(BOXES)(
    "the transform of a map of %i px is that of one device, to the last bit, and back",
    async (boxPx) => {
      const map = makeSignal(boxPx ** 3, boxPx);
      const fft = deviceFft3(device);
      const transform = await fft.forward(map, boxPx);
      const back = await fft.inverse(transform, boxPx);
      const half = halfLength(boxPx);
      await onRanks(ranks, async (comm) => {
        const slabFft = makeSlabFft3(device, comm);
        const rows = await slabFft.forward(slabOfMap(comm, map, boxPx));
        for (let z = 0; z < boxPx; z++) {
          const own = rows.data.subarray(2 * z * rows.rowCount * half, 2 * (z + 1) * rows.rowCount * half);
          const first = 2 * (z * boxPx + rows.firstRow) * half;
          expect(bytesOf(own).equals(bytesOf(transform.subarray(first, first + own.length)))).toBe(true);
        }
        const again = await gatherMap(comm, await slabFft.inverse(rows));
        expect(bytesOf(again).equals(bytesOf(back))).toBe(true);
      });
    },
  );

  test("FSC, mask and phase randomisation are those of whole maps, to the last bit", async () => {
    const boxPx = 16;
    const shared = makeSignal(boxPx ** 3, 5);
    const halfA = makeSignal(boxPx ** 3, 6).map((v, i) => 0.4 * v + shared[i]!);
    const halfB = makeSignal(boxPx ** 3, 7).map((v, i) => 0.4 * v + shared[i]!);
    const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, 5, 2);
    const wanted = await correctedFsc(halfA, halfB, { boxPx, mask, fft: deviceFft3(device), seed: 9 });
    expect(wanted.lastTrueShell).toBeGreaterThan(0);
    await onRanks(ranks, async (comm) => {
      const a = slabOfMap(comm, halfA, boxPx);
      const own = sphereMaskPlanesInto(new Float32Array(a.data.length), boxPx, 5, 2, a.firstPlane);
      const b = slabOfMap(comm, halfB, boxPx);
      const got = await correctedFscOfSlabs(comm, makeSlabFft3(device, comm), a, b, own, 9);
      expect(got).toEqual(wanted);
    });
  });
});
