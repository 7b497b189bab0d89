import { expectPositive } from "../../core/checks.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostF64 } from "../reference/host-buffer.ts";

/**
 * Mean of T per shell round(|p| / padding) over the whole (Hermitian) sphere |p| ≤ accumulatorRadiusPx: x > 0 counts twice.
 * A shell without a voxel is 0.
 */
export interface RadialMeanArgs {
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  readonly paddingFactor: number;
  readonly shellCount: number;
  /** f64 [shellCount], overwritten */
  readonly out: DeviceBuffer;
}

export function checkRadialMean(args: RadialMeanArgs): void {
  expectCount("radialMean: accumulatorRadiusPx", args.accumulatorRadiusPx, 1);
  expectPositive("radialMean: paddingFactor", args.paddingFactor);
  expectCount("radialMean: shellCount", args.shellCount, 1);
  const { voxelCount } = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("radialMean: weight", args.weight, "f32", voxelCount);
  expectBuffer("radialMean: out", args.out, "f64", args.shellCount);
}

export function radialMeanReference(args: RadialMeanArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const weight = hostF32(args.weight);
  const sums = new Float64Array(args.shellCount);
  const counts = new Float64Array(args.shellCount);
  const radius = box.radiusPx;
  for (let z = -radius; z <= radius; z++) {
    for (let y = -radius; y <= radius; y++) {
      for (let x = 0; x <= radius; x++) {
        const squared = x * x + y * y + z * z;
        const shell = Math.round(Math.sqrt(squared) / args.paddingFactor);
        if (squared > radius * radius || shell >= args.shellCount) continue;
        const multiplicity = x === 0 ? 1 : 2;
        sums[shell]! += multiplicity * weight[fourierBoxIndex(box, x, y, z)]!;
        counts[shell]! += multiplicity;
      }
    }
  }
  const out = hostF64(args.out);
  for (let shell = 0; shell < args.shellCount; shell++) {
    out[shell] = counts[shell]! > 0 ? sums[shell]! / counts[shell]! : 0;
  }
}
