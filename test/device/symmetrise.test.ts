import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import type { DeviceBuffer } from "../../src/device/buffer.ts";
import type { SymmetriseArgs } from "../../src/device/ops/symmetrise.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, bytesOf, expectBackendsAgree, expectThreadsAgree, runOp, withDevice } from "./backends.ts";

const RADIUS_PX = 7;
const box = fourierBoxOfRadius(RADIUS_PX);
// Operators in float32: 1e-7 of a turn moves a point of radius 7 by 1e-6 voxel; |G| values of size 1 are summed.
const TOLERANCE = 1e-4;
// Float64 sums rounded to float32, in the same order on each backend.
const BACKEND_TOLERANCE = 1e-7;

function makeArrays(group: string) {
  const { order, matrices } = pointGroup(group);
  const forward = makeNormals(2 * box.voxelCount, 71);
  const weight = makeNormals(box.voxelCount, 72).map(Math.abs);
  completePlane(forward, weight);
  return {
    operators: Float32Array.from(matrices.subarray(0, 9 * order)),
    forward,
    weight,
    outForward: new Float32Array(2 * box.voxelCount).fill(9),
    outWeight: new Float32Array(box.voxelCount).fill(9),
  };
}

/** Makes the plane x = 0 Hermitian. */
function completePlane(forward: Float32Array, weight: Float32Array): void {
  const edge = RADIUS_PX + 1;
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      const voxel = fourierBoxIndex(box, 0, y, z);
      const mate = fourierBoxIndex(box, 0, -y, -z);
      forward[2 * mate] = forward[2 * voxel]!;
      forward[2 * mate + 1] = mate === voxel ? 0 : -forward[2 * voxel + 1]!;
      weight[mate] = weight[voxel]!;
    }
  }
}

function symmetriseArgs(operatorCount: number, buffers: Readonly<Record<string, DeviceBuffer>>): SymmetriseArgs {
  return {
    accumulatorRadiusPx: RADIUS_PX,
    operators: buffers["operators"]!,
    operatorCount,
    forward: buffers["forward"]!,
    weight: buffers["weight"]!,
    outForward: buffers["outForward"]!,
    outWeight: buffers["outWeight"]!,
  };
}

async function symmetrised(backend: (typeof BACKENDS)[number], arrays: ReturnType<typeof makeArrays>) {
  const outputs = await runOp(
    backend.open,
    arrays,
    (d, b) => d.symmetrise(symmetriseArgs(arrays.operators.length / 9, b)),
    ["outForward", "outWeight"],
  );
  return { forward: outputs.outForward as Float32Array, weight: outputs.outWeight as Float32Array };
}

type Voxel = readonly [x: number, y: number, z: number];

function insideBall(): Voxel[] {
  const voxels: Voxel[] = [];
  for (let z = -RADIUS_PX; z <= RADIUS_PX; z++) {
    for (let y = -RADIUS_PX; y <= RADIUS_PX; y++) {
      for (let x = 0; x <= RADIUS_PX; x++) {
        if (x * x + y * y + z * z <= RADIUS_PX ** 2) voxels.push([x, y, z]);
      }
    }
  }
  return voxels;
}

/** [re, im, weight] at a voxel of the whole ball. */
function at(map: { forward: Float32Array; weight: Float32Array }, [x, y, z]: Voxel): [number, number, number] {
  const sign = x < 0 ? -1 : 1;
  const voxel = fourierBoxIndex(box, sign * x, sign * y, sign * z);
  return [map.forward[2 * voxel]!, sign * map.forward[2 * voxel + 1]!, map.weight[voxel]!];
}

describe.each(BACKENDS)("symmetrise on $name", (backend) => {
  test("refuses an output that is the input, and a short list of operators", async () => {
    const arrays = makeArrays("C2");
    await withDevice(backend.open, async (device) => {
      const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
      const args = symmetriseArgs(2, buffers);
      expect(() => device.symmetrise({ ...args, outForward: args.forward })).toThrow(ShapeError);
      expect(() => device.symmetrise({ ...args, operatorCount: 3 })).toThrow(/symmetrise: operators/);
      expect(() => device.symmetrise({ ...args, accumulatorRadiusPx: 8 })).toThrow(/symmetrise: forward/);
    });
  });

  test("the identity alone keeps the ball and clears what lies beyond", async () => {
    const arrays = makeArrays("C1");
    const out = await symmetrised(backend, arrays);
    const want = { forward: new Float32Array(2 * box.voxelCount), weight: new Float32Array(box.voxelCount) };
    for (const [x, y, z] of insideBall()) {
      const voxel = fourierBoxIndex(box, x, y, z);
      want.forward.set(arrays.forward.subarray(2 * voxel, 2 * voxel + 2), 2 * voxel);
      want.weight[voxel] = arrays.weight[voxel]!;
    }
    expect(bytesOf(out.weight).equals(bytesOf(want.weight))).toBe(true);
    expect(out.forward.every((value, i) => value === want.forward[i])).toBe(true);
  });

  test.each(["C2", "C4", "D2", "O"])(
    "%s maps voxels onto voxels: the result is the sum over mates, and invariant",
    async (name) => {
      const arrays = makeArrays(name);
      const { order, matrices } = pointGroup(name);
      const out = await symmetrised(backend, arrays);
      for (const voxel of insideBall()) {
        const mates = Array.from({ length: order }, (_, g): Voxel => {
          const row = (i: number): number =>
            Math.round(voxel.reduce((sum, value, j) => sum + matrices[9 * g + 3 * i + j]! * value, 0));
          return [row(0), row(1), row(2)];
        });
        const sum = [0, 0, 0];
        for (const mate of mates) {
          at(arrays, mate).forEach((value, part) => {
            sum[part]! += value;
          });
        }
        const here = at(out, voxel);
        const first = mates[order - 1]!;
        const there = at(out, first);
        for (let part = 0; part < 3; part++) {
          if (Math.abs(here[part]! - sum[part]!) > TOLERANCE || Math.abs(here[part]! - there[part]!) > TOLERANCE) {
            expect.fail(`${voxel}: ${here}, sum over mates ${sum}, at the mate ${first} ${there}`);
          }
        }
      }
    },
  );

  test("C3 of a constant is three times that constant", async () => {
    const arrays = makeArrays("C3");
    arrays.weight.fill(2);
    const out = await symmetrised(backend, arrays);
    for (const [x, y, z] of insideBall()) {
      expect(out.weight[fourierBoxIndex(box, x, y, z)]).toBeCloseTo(6, 5);
    }
  });
});

test.each(["C1", "C3", "D7", "I2"])(
  "native symmetrise agrees with the reference for %s and any number of threads",
  async (name) => {
    const arrays = makeArrays(name);
    const call = (d: Parameters<Parameters<typeof runOp>[2]>[0], b: Readonly<Record<string, DeviceBuffer>>): void =>
      d.symmetrise(symmetriseArgs(arrays.operators.length / 9, b));
    await expectBackendsAgree(arrays, call, ["outForward", "outWeight"], BACKEND_TOLERANCE);
    await expectThreadsAgree(arrays, call, ["outForward", "outWeight"]);
  },
);
