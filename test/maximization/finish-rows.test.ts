import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import type { Device } from "../../src/device/types.ts";
import { type BoxRows, boxRowsIndex } from "../../src/geometry/box-rows.ts";
import { fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { finishRows } from "../../src/maximization/finish-rows.ts";
import { BACKENDS, withDevice } from "../device/backends.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { makeNormals } from "../support/normals.ts";

const SCALES = { forwardScale: 2 ** 20, weightScale: 3 ** 7 };
const box = fourierBoxOfRadius(5);
const edge = box.radiusPx + 1;
const whole: BoxRows = { box, firstRow: 0, rowCount: box.sizeY };
/** The first voxel holds more than a double can: 2^60 + 1. */
const accumulator = BigInt64Array.from(makeNormals(3 * box.voxelCount, 51), (v, i) =>
  i === 0 ? 2n ** 60n + 1n : BigInt(Math.round(v * 1e12)),
);

interface Finished {
  readonly forward: Float32Array;
  readonly weight: Float32Array;
}

/** F and T of all rows, finished by so many ranks and put together again. */
async function finished(device: Device, ranks: number, scales = SCALES): Promise<Finished> {
  const starts = Array.from({ length: ranks + 1 }, (_, r) => Math.floor((r * box.sizeY) / ranks));
  const voxelsPerRow = box.sizeZ * box.sizeX;
  const out = { forward: new Float32Array(2 * box.voxelCount), weight: new Float32Array(box.voxelCount) };
  await runRanks(ranks, async (comm) => {
    const [first, end] = [starts[comm.rank]!, starts[comm.rank + 1]!];
    const rows: BoxRows = { box, firstRow: first, rowCount: end - first };
    const own = device.upload(accumulator.slice(3 * first * voxelsPerRow, 3 * end * voxelsPerRow));
    const { forward, weight } = await finishRows(device, comm, rows, starts, own, scales);
    out.forward.set((await device.read(forward)) as Float32Array, 2 * first * voxelsPerRow);
    out.weight.set((await device.read(weight)) as Float32Array, first * voxelsPerRow);
    for (const buffer of [forward, weight]) buffer.free();
  });
  return out;
}

describe.each(BACKENDS)("finished sums on $name", (backend) => {
  test("beyond the plane x = 0 the values are those of the accumulator over the scale", async () => {
    const { forward, weight } = await withDevice(backend.open, (device) => finished(device, 1));
    for (let voxel = 0; voxel < box.voxelCount; voxel++) {
      if (voxel % box.sizeX === 0) continue;
      const [re, im, t] = accumulator.subarray(3 * voxel, 3 * voxel + 3);
      expect(forward[2 * voxel]).toBe(Math.fround(Number(re) / SCALES.forwardScale));
      expect(forward[2 * voxel + 1]).toBe(Math.fround(Number(im) / SCALES.forwardScale));
      expect(weight[voxel]).toBe(Math.fround(Number(t) / SCALES.weightScale));
    }
  });

  test("the plane x = 0 is Hermitian to the last bit, and its origin is doubled and real", async () => {
    const { forward, weight } = await withDevice(backend.open, (device) => finished(device, 1));
    for (let z = -edge; z <= edge; z++) {
      for (let y = -edge; y <= edge; y++) {
        const [voxel, mate] = [boxRowsIndex(whole, 0, y, z), boxRowsIndex(whole, 0, -y, -z)];
        expect(forward[2 * voxel]).toBe(forward[2 * mate]);
        expect(Number(forward[2 * voxel + 1]) + Number(forward[2 * mate + 1])).toBe(0);
        expect(weight[voxel]).toBe(weight[mate]);
      }
    }
    const origin = boxRowsIndex(whole, 0, 0, 0);
    expect(forward[2 * origin]).toBe(Math.fround(Number(2n * accumulator[3 * origin]!) / SCALES.forwardScale));
    expect(forward[2 * origin + 1]).toBe(0);
  });

  test("rows shared by ranks give the same bits", async () => {
    await withDevice(backend.open, async (device) => {
      const one = await finished(device, 1);
      for (const ranks of [2, 3, 5]) expect(await finished(device, ranks)).toEqual(one);
    });
  });

  test("a scale of 0 is refused", async () => {
    await withDevice(backend.open, async (device) => {
      await expect(finished(device, 1, { ...SCALES, weightScale: 0 })).rejects.toThrow(UsageError);
    });
  });
});
