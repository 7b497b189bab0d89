import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer } from "../check-buffer.ts";
import { checkImageSet, checkPointSet, checkReference } from "../check-image-set.ts";
import { hostF32, hostF64, hostI32 } from "../reference/host-buffer.ts";
import { mergedShifts } from "../reference/merge-shifts.ts";
import { rotationMatrixAt, sampleTrilinear } from "../reference/trilinear.ts";
import type { ImageSetArgs, PointSetArgs, ReferenceArgs } from "./image-set.ts";

/**
 * Posterior-weighted sums per image and shell, for noise, norm and scale: with M = scale·C·S·e^{−2πi k·t/N},
 *   residual = Σ_points w Σ_k |X − M|²,  cross = Σ w Σ Re conj(X) M / scale,  power = Σ w Σ |M|² / scale².
 * The points of one rotation are merged first (Σ_t w_t X e^{+2πi k·t/N}, in 2D). Weights of an image sum to 1 (or are all 0:
 * zeros come out). Shells beyond the reference's maxShell: residual = Σ|X|². All shells of the band, DC included.
 */
export interface ResidualsArgs extends ImageSetArgs, ReferenceArgs, PointSetArgs {
  /** f32 [activeCount][M][T] */
  readonly weights: DeviceBuffer;
  /** f64 [activeCount][3][shellCount], overwritten: residual, cross, power. */
  readonly out: DeviceBuffer;
}

export function checkResiduals(args: ResidualsArgs): void {
  checkImageSet("residuals", args);
  checkPointSet("residuals", args);
  checkReference("residuals", args);
  const pointCount = args.activeCount * args.rotationsPerImage * args.shiftsPerRotation;
  expectBuffer("residuals: weights", args.weights, "f32", pointCount);
  expectBuffer("residuals: out", args.out, "f64", 3 * args.activeCount * args.shellCount);
}

export function residualsReference(args: ResidualsArgs): void {
  const box = fourierBoxOfRadius(args.volumeRadiusPx);
  const active = hostI32(args.active);
  const weights = hostF32(args.weights);
  const rotations = hostF32(args.rotations);
  const volume = hostF32(args.volume);
  const images = hostF32(args.images);
  const ctf = args.ctf === null ? null : hostF32(args.ctf);
  const bandKx = hostI32(args.bandKx);
  const bandKy = hostI32(args.bandKy);
  const bandShell = hostI32(args.bandShell);
  const count = args.bandPixelCount;
  const out = hostF64(args.out).fill(0, 0, 3 * args.activeCount * args.shellCount);
  for (let row = 0; row < args.activeCount; row++) {
    const image = active[row]!;
    const scale = hostF32(args.scale)[image]!;
    const at = 3 * row * args.shellCount;
    for (let m = 0; m < args.rotationsPerImage; m++) {
      const point = row * args.rotationsPerImage + m;
      const merged = mergedShifts(args, image, point, weights, bandKx, bandKy);
      if (merged.weight === 0) continue;
      const matrix = rotationMatrixAt(rotations, point);
      for (let pixel = 0; pixel < count; pixel++) {
        const shell = bandShell[pixel]!;
        if (shell >= args.shellCount) continue;
        const xRe = images[2 * image * count + pixel]!;
        const xIm = images[(2 * image + 1) * count + pixel]!;
        out[at + shell]! += merged.weight * (xRe * xRe + xIm * xIm);
        const [kx, ky] = [bandKx[pixel]!, bandKy[pixel]!];
        if (shell > args.maxShell || args.paddingFactor ** 2 * (kx * kx + ky * ky) > box.radiusPx ** 2) continue;
        const p = [0, 1, 2].map((i) => args.paddingFactor * (matrix[3 * i]! * kx + matrix[3 * i + 1]! * ky));
        const [sRe, sIm] = sampleTrilinear(box, volume, p[0]!, p[1]!, p[2]!);
        const c = ctf === null ? 1 : ctf[image * count + pixel]!;
        const cross = c * (merged.re[pixel]! * sRe + merged.im[pixel]! * sIm);
        const power = merged.weight * c * c * (sRe * sRe + sIm * sIm);
        out[at + shell]! += scale * scale * power - 2 * scale * cross;
        out[at + args.shellCount + shell]! += cross;
        out[at + 2 * args.shellCount + shell]! += power;
      }
    }
  }
}
