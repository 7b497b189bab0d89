import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Communicator } from "../../src/comm/types.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import type { SliceMode } from "../../src/expectation/slices/cost.ts";
import { encodeBlock } from "../../src/posterior/block.ts";
import { expectScene } from "../support/expect-scene.ts";
import { runRanks } from "../support/in-process-ranks.ts";
import { makeScene, type Scene } from "../support/scene.ts";

const COUNT = 12;

describe("leak canary: both halves live on every rank, and the map of one is replaced", () => {
  let device: Device;
  let scene: Scene;
  beforeAll(async () => {
    device = openDevice({ threads: 1 });
    scene = await makeScene(device, { count: COUNT, snr: 0.5, seed: 71 });
  });
  afterAll(() => device.close());

  /** Posteriors of half 1, and of half 2 against a map of its own, as a rank leaves them. */
  async function posteriors(comm: Communicator, slices: SliceMode, secondMap: Float32Array) {
    const rows = (half: number) => Int32Array.from({ length: COUNT / 2 }, (_, i) => 2 * i + half);
    const first = await expectScene(device, scene, { particles: rows(0), half: 0, comm, slices });
    const second = await expectScene(device, scene, { particles: rows(1), half: 1, map: secondMap, comm, slices });
    return [Buffer.from(encodeBlock(first)), Buffer.from(encodeBlock(second))] as const;
  }

  test.each<SliceMode>(["recompute", "allgather", "grouped", "conveyor", "allreduce"])(
    "slices by %s: nothing of half 1 changes by a bit, half 2 does",
    async (slices) => {
      const other = scene.map.map((value, i) => (i % 7 === 0 ? 3 * value : -value));
      const plain = await runRanks(2, (comm) => posteriors(comm, slices, scene.map));
      const canary = await runRanks(2, (comm) => posteriors(comm, slices, other));
      for (const rank of [0, 1]) {
        expect(canary[rank]![0].equals(plain[rank]![0])).toBe(true);
        expect(canary[rank]![1].equals(plain[rank]![1])).toBe(false);
      }
    },
  );
});
