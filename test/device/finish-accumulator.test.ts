import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { DeviceBuffer } from "../../src/device/buffer.ts";
import type { FinishAccumulatorArgs } from "../../src/device/ops/finish-accumulator.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, runOp, withDevice } from "./backends.ts";

const RADIUS_PX = 5;
const FORWARD_SCALE = 2 ** 20;
const WEIGHT_SCALE = 3 ** 7;
const box = fourierBoxOfRadius(RADIUS_PX);

function finishArgs(buffers: Readonly<Record<string, DeviceBuffer>>): FinishAccumulatorArgs {
  return {
    accumulator: buffers["accumulator"]!,
    accumulatorRadiusPx: RADIUS_PX,
    forwardScale: FORWARD_SCALE,
    weightScale: WEIGHT_SCALE,
    forward: buffers["forward"]!,
    weight: buffers["weight"]!,
  };
}

function makeArrays() {
  const noise = makeNormals(3 * box.voxelCount, 51);
  return {
    // The first voxel holds more than a double can: 2^60 + 1.
    accumulator: BigInt64Array.from(noise, (v, i) => (i === 0 ? 2n ** 60n + 1n : BigInt(Math.round(v * 1e12)))),
    forward: new Float32Array(2 * box.voxelCount).fill(9),
    weight: new Float32Array(box.voxelCount).fill(9),
  };
}

describe.each(BACKENDS)("finishAccumulator on $name", (backend) => {
  test("refuses buffers of another box and scales of 0", async () => {
    await withDevice(backend.open, async (device) => {
      const arrays = Object.entries(makeArrays());
      const args = finishArgs(Object.fromEntries(arrays.map(([name, data]) => [name, device.upload(data)])));
      expect(() => device.finishAccumulator({ ...args, accumulatorRadiusPx: 6 })).toThrow(ShapeError);
      expect(() => device.finishAccumulator({ ...args, weight: args.accumulator })).toThrow(
        /finishAccumulator: weight/,
      );
      expect(() => device.finishAccumulator({ ...args, forwardScale: 0 })).toThrow(UsageError);
    });
  });

  test("beyond the plane x = 0 the values are those of the accumulator over the scale", async () => {
    const arrays = makeArrays();
    const { forward, weight } = await runOp(backend.open, arrays, (d, b) => d.finishAccumulator(finishArgs(b)), [
      "forward",
      "weight",
    ]);
    for (let voxel = 0; voxel < box.voxelCount; voxel++) {
      if (voxel % box.sizeX === 0) continue;
      const [re, im, t] = arrays.accumulator.subarray(3 * voxel, 3 * voxel + 3);
      expect(forward[2 * voxel]).toBe(Math.fround(Number(re) / FORWARD_SCALE));
      expect(forward[2 * voxel + 1]).toBe(Math.fround(Number(im) / FORWARD_SCALE));
      expect(weight[voxel]).toBe(Math.fround(Number(t) / WEIGHT_SCALE));
    }
  });

  test("the plane x = 0 is Hermitian to the last bit, and its origin is doubled and real", async () => {
    const arrays = makeArrays();
    const { forward, weight } = await runOp(backend.open, arrays, (d, b) => d.finishAccumulator(finishArgs(b)), [
      "forward",
      "weight",
    ]);
    const edge = RADIUS_PX + 1;
    for (let z = -edge; z <= edge; z++) {
      for (let y = -edge; y <= edge; y++) {
        const voxel = fourierBoxIndex(box, 0, y, z);
        const mate = fourierBoxIndex(box, 0, -y, -z);
        expect(forward[2 * voxel]).toBe(forward[2 * mate]);
        expect(Number(forward[2 * voxel + 1]) + Number(forward[2 * mate + 1])).toBe(0);
        expect(weight[voxel]).toBe(weight[mate]);
      }
    }
    const origin = fourierBoxIndex(box, 0, 0, 0);
    expect(forward[2 * origin]).toBe(Math.fround(Number(2n * arrays.accumulator[3 * origin]!) / FORWARD_SCALE));
    expect(forward[2 * origin + 1]).toBe(0);
  });
});

test("native finishAccumulator equals the reference to the last bit, for any number of threads", async () => {
  await expectBackendsAgree(
    makeArrays(),
    (d, b) => d.finishAccumulator(finishArgs(b)),
    ["forward", "weight"],
    Number.MIN_VALUE,
  );
  await expectThreadsAgree(makeArrays(), (d, b) => d.finishAccumulator(finishArgs(b)), ["forward", "weight"]);
});
