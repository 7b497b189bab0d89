/** Half-complex transforms of one box moved into another: Fourier cropping (binning) and padding (interpolation). */

import { halfLength } from "../geometry/shells.ts";
import { expectTransform } from "./map-shape.ts";

/**
 * Copies the frequencies that both boxes hold, scaled by (toPx/fromPx)³ so that density values are kept.
 *
 * The centre voxel of a cropped map stays the centre only when both boxes are even (or both origins are voxel 0): the
 * phase of a frequency refers to voxel 0, and floor(box/2) scales exactly only then. Nyquist columns are dropped.
 *
 * @param out  [toPx × toPx × halfLength(toPx)] interleaved complex, overwritten
 */
export function cropTransformInto(
  out: Float32Array,
  toPx: number,
  transform: Float32Array,
  fromPx: number,
): Float32Array {
  expectTransform("crop: transform", transform, fromPx);
  expectTransform("crop: out", out, toPx);
  out.fill(0);
  const scale = (toPx / fromPx) ** 3;
  const edge = (Math.min(fromPx, toPx) - 1) >> 1;
  const row = (z: number, y: number, boxPx: number) =>
    (((z + boxPx) % boxPx) * boxPx + ((y + boxPx) % boxPx)) * halfLength(boxPx);
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      const source = 2 * row(z, y, fromPx);
      const target = 2 * row(z, y, toPx);
      for (let i = 0; i < 2 * (edge + 1); i++) out[target + i] = scale * transform[source + i]!;
    }
  }
  return out;
}
