import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { DeviceBuffer } from "../../src/device/buffer.ts";
import type { RadialMeanArgs } from "../../src/device/ops/radial-mean.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, runOp, withDevice } from "./backends.ts";

// Float64 sums of some hundred terms in another order.
const TOLERANCE = 1e-13;

const RADIUS_PX = 9;
const SHELL_COUNT = 6;
const box = fourierBoxOfRadius(RADIUS_PX);

function radialArgs(buffers: Readonly<Record<string, DeviceBuffer>>): RadialMeanArgs {
  return {
    weight: buffers["weight"]!,
    accumulatorRadiusPx: RADIUS_PX,
    paddingFactor: 2,
    shellCount: SHELL_COUNT,
    out: buffers["out"]!,
  };
}

function boxOf(value: (x: number, y: number, z: number) => number): Float32Array {
  const out = new Float32Array(box.voxelCount).fill(Number.NaN);
  for (let z = -RADIUS_PX; z <= RADIUS_PX; z++) {
    for (let y = -RADIUS_PX; y <= RADIUS_PX; y++) {
      for (let x = 0; x <= RADIUS_PX; x++) {
        if (Math.hypot(x, y, z) <= RADIUS_PX) out[fourierBoxIndex(box, x, y, z)] = value(x, y, z);
      }
    }
  }
  return out;
}

async function means(backend: (typeof BACKENDS)[number], weight: Float32Array): Promise<Float64Array> {
  const arrays = { weight, out: new Float64Array(SHELL_COUNT).fill(9) };
  return (await runOp(backend.open, arrays, (d, b) => d.radialMean(radialArgs(b)), ["out"])).out as Float64Array;
}

describe.each(BACKENDS)("radialMean on $name", (backend) => {
  test("refuses an output that is too short and a padding of 0", async () => {
    await withDevice(backend.open, async (device) => {
      const weight = device.upload(new Float32Array(box.voxelCount));
      const args = radialArgs({ weight, out: device.upload(new Float64Array(SHELL_COUNT)) });
      expect(() => device.radialMean({ ...args, shellCount: SHELL_COUNT + 1 })).toThrow(ShapeError);
      expect(() => device.radialMean({ ...args, paddingFactor: 0 })).toThrow(UsageError);
      expect(() => device.radialMean({ ...args, out: weight })).toThrow(/radialMean: out/);
    });
  });

  test("the mean of a constant is that constant, whatever lies beyond the ball; a shell beyond it is 0", async () => {
    // |p| ≤ 9 and padding 2: shell 5 begins at |p| = 9.
    const result = await means(
      backend,
      boxOf(() => 2.5),
    );
    expect([...result]).toEqual([2.5, 2.5, 2.5, 2.5, 2.5, 2.5]);
  });

  test("the mean over the half box is that over the whole ball of a Hermitian weight", async () => {
    const value = (x: number, y: number, z: number): number => 1 + x * x + 0.5 * (y + 2 * z) ** 2;
    const result = await means(backend, boxOf(value));
    for (let shell = 0; shell < SHELL_COUNT; shell++) {
      let sum = 0;
      let count = 0;
      for (let z = -RADIUS_PX; z <= RADIUS_PX; z++) {
        for (let y = -RADIUS_PX; y <= RADIUS_PX; y++) {
          for (let x = -RADIUS_PX; x <= RADIUS_PX; x++) {
            const radius = Math.hypot(x, y, z);
            if (radius > RADIUS_PX || Math.round(radius / 2) !== shell) continue;
            sum += value(x, y, z);
            count++;
          }
        }
      }
      expect(result[shell]! / (sum / count)).toBeCloseTo(1, 12);
    }
  });
});

test("native radialMean agrees with the reference, and does not depend on the number of threads", async () => {
  const arrays = { weight: makeNormals(box.voxelCount, 61), out: new Float64Array(SHELL_COUNT) };
  await expectBackendsAgree(arrays, (d, b) => d.radialMean(radialArgs(b)), ["out"], TOLERANCE);
  await expectThreadsAgree(arrays, (d, b) => d.radialMean(radialArgs(b)), ["out"]);
});
