import type { ImageSetArgs, PointSetArgs } from "../ops/image-set.ts";
import { hostF32 } from "./host-buffer.ts";

/** The shifts of one rotation of one image, merged in the image plane. */
export interface MergedShifts {
  /** [bandPixelCount] Re Σ_t w_t X e^{+2πi k·t/N} */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Σ_t w_t */
  readonly weight: number;
}

/**
 * Image × weighted sum of its inverse shifts: Σ_t w_t X(k) e^{+2πi k·t/N}. Points of weight 0 are skipped.
 *
 * @param point  row × rotationsPerImage + rotation
 * @param weights  [activeCount][rotationsPerImage][shiftsPerRotation]
 */
export function mergedShifts(
  args: ImageSetArgs & PointSetArgs,
  image: number,
  point: number,
  weights: Float32Array,
  bandKx: Int32Array,
  bandKy: Int32Array,
): MergedShifts {
  const count = args.bandPixelCount;
  const images = hostF32(args.images);
  const shiftsPx = hostF32(args.shiftsPx);
  const re = new Float64Array(count);
  const im = new Float64Array(count);
  let weight = 0;
  for (let t = point * args.shiftsPerRotation; t < (point + 1) * args.shiftsPerRotation; t++) {
    const w = weights[t]!;
    if (w === 0) continue;
    weight += w;
    for (let pixel = 0; pixel < count; pixel++) {
      const turn = bandKx[pixel]! * shiftsPx[2 * t]! + bandKy[pixel]! * shiftsPx[2 * t + 1]!;
      const phaseRad = (2 * Math.PI * turn) / args.boxPx;
      const cos = w * Math.cos(phaseRad);
      const sin = w * Math.sin(phaseRad);
      const xRe = images[2 * image * count + pixel]!;
      const xIm = images[(2 * image + 1) * count + pixel]!;
      re[pixel]! += xRe * cos - xIm * sin;
      im[pixel]! += xRe * sin + xIm * cos;
    }
  }
  return { re, im, weight };
}
