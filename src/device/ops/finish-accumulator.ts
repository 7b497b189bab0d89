import { expectPositive } from "../../core/checks.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostI64 } from "../reference/host-buffer.ts";

/**
 * Fixed-point accumulator → float F and T in the same FourierBox, with the Hermitian plane completed:
 * F(0,y,z) += conj F(0,−y,−z), T(0,y,z) += T(0,−y,−z) (from the values before; summed as integers, so the plane is
 * Hermitian to the last bit).
 */
export interface FinishAccumulatorArgs {
  /** i64 [sizeZ][sizeY][sizeX][3] */
  readonly accumulator: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  readonly forwardScale: number;
  readonly weightScale: number;
  /** f32 [sizeZ][sizeY][sizeX][2], overwritten */
  readonly forward: DeviceBuffer;
  /** f32 [sizeZ][sizeY][sizeX], overwritten */
  readonly weight: DeviceBuffer;
}

export function checkFinishAccumulator(args: FinishAccumulatorArgs): void {
  expectCount("finishAccumulator: accumulatorRadiusPx", args.accumulatorRadiusPx, 1);
  expectPositive("finishAccumulator: forwardScale", args.forwardScale);
  expectPositive("finishAccumulator: weightScale", args.weightScale);
  const { voxelCount } = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("finishAccumulator: accumulator", args.accumulator, "i64", 3 * voxelCount);
  expectBuffer("finishAccumulator: forward", args.forward, "f32", 2 * voxelCount);
  expectBuffer("finishAccumulator: weight", args.weight, "f32", voxelCount);
}

export function finishAccumulatorReference(args: FinishAccumulatorArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const accumulator = hostI64(args.accumulator);
  const forward = hostF32(args.forward);
  const weight = hostF32(args.weight);
  const edge = box.radiusPx + 1;
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x < box.sizeX; x++) {
        const voxel = fourierBoxIndex(box, x, y, z);
        let re = accumulator[3 * voxel]!;
        let im = accumulator[3 * voxel + 1]!;
        let t = accumulator[3 * voxel + 2]!;
        if (x === 0) {
          const mate = fourierBoxIndex(box, 0, -y, -z);
          re += accumulator[3 * mate]!;
          im -= accumulator[3 * mate + 1]!;
          t += accumulator[3 * mate + 2]!;
        }
        forward[2 * voxel] = Number(re) / args.forwardScale;
        forward[2 * voxel + 1] = Number(im) / args.forwardScale;
        weight[voxel] = Number(t) / args.weightScale;
      }
    }
  }
}
