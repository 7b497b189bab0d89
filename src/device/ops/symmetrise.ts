import { ShapeError } from "../../core/errors.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32 } from "../reference/host-buffer.ts";
import { trilinearFoot } from "../reference/trilinear.ts";

/**
 * Sum over a point group: out(p) = Σ_g A(G_g p), trilinear (exact at operators that map voxels onto voxels), within
 * |p| ≤ accumulatorRadiusPx; 0 beyond. A is read at q = G_g p, or as conj A(−q) where q has x < 0, so the plane x = 0 must
 * be complete (`finish-accumulator`).
 */
export interface SymmetriseArgs {
  readonly accumulatorRadiusPx: number;
  /** f32 [operatorCount][9] row-major, identity included. */
  readonly operators: DeviceBuffer;
  readonly operatorCount: number;
  /** f32 FourierBox complex */
  readonly forward: DeviceBuffer;
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outForward: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outWeight: DeviceBuffer;
}

export function checkSymmetrise(args: SymmetriseArgs): void {
  expectCount("symmetrise: accumulatorRadiusPx", args.accumulatorRadiusPx, 1);
  expectCount("symmetrise: operatorCount", args.operatorCount, 1);
  expectBuffer("symmetrise: operators", args.operators, "f32", 9 * args.operatorCount);
  const { voxelCount } = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("symmetrise: forward", args.forward, "f32", 2 * voxelCount);
  expectBuffer("symmetrise: weight", args.weight, "f32", voxelCount);
  expectBuffer("symmetrise: outForward", args.outForward, "f32", 2 * voxelCount);
  expectBuffer("symmetrise: outWeight", args.outWeight, "f32", voxelCount);
  if (args.outForward === args.forward || args.outWeight === args.weight) {
    throw new ShapeError("symmetrise: outForward and outWeight", {
      expected: "buffers other than the inputs",
      actual: "an input",
    });
  }
}

export function symmetriseReference(args: SymmetriseArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const operators = Float64Array.from(hostF32(args.operators));
  const forward = hostF32(args.forward);
  const weight = hostF32(args.weight);
  const outForward = hostF32(args.outForward).fill(0, 0, 2 * box.voxelCount);
  const outWeight = hostF32(args.outWeight).fill(0, 0, box.voxelCount);
  const radius = box.radiusPx;
  for (let z = -radius; z <= radius; z++) {
    for (let y = -radius; y <= radius; y++) {
      for (let x = 0; x <= radius; x++) {
        if (x * x + y * y + z * z > radius * radius) continue;
        let re = 0;
        let im = 0;
        let t = 0;
        for (let g = 0; g < 9 * args.operatorCount; g += 9) {
          const at = (row: number) =>
            operators[g + row]! * x + operators[g + row + 1]! * y + operators[g + row + 2]! * z;
          const foot = trilinearFoot(box, at(0), at(3), at(6));
          const sign = foot.isConjugate ? -1 : 1;
          for (let corner = 0; corner < 8; corner++) {
            const source = foot.voxels[corner]!;
            re += foot.weights[corner]! * forward[2 * source]!;
            im += foot.weights[corner]! * sign * forward[2 * source + 1]!;
            t += foot.weights[corner]! * weight[source]!;
          }
        }
        const voxel = fourierBoxIndex(box, x, y, z);
        outForward[2 * voxel] = re;
        outForward[2 * voxel + 1] = im;
        outWeight[voxel] = t;
      }
    }
  }
}
