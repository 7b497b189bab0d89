/** Multiplication of a transform by a real gain that depends on the radius alone. */

import { halfLength, signedFrequency } from "../geometry/shells.ts";
import { expectTransform } from "./map-shape.ts";

/**
 * @param out  [boxPx × boxPx × halfLength] interleaved complex; may be `transform`
 * @param gain  of the radius in Fourier pixels, corners included (up to √3 boxPx/2)
 */
export function radialGainInto(
  out: Float32Array,
  transform: Float32Array,
  boxPx: number,
  gain: (radiusPx: number) => number,
): Float32Array {
  expectTransform("radial gain", transform, boxPx);
  expectTransform("radial gain: out", out, boxPx);
  const length = halfLength(boxPx);
  // Squared radii are whole numbers: each gain is computed once.
  const gains = Float64Array.from({ length: 3 * Math.floor(boxPx / 2) ** 2 + 1 }, (_, square) =>
    gain(Math.sqrt(square)),
  );
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < length; kx++, o += 2) {
        const factor = gains[kx * kx + ky * ky + kz * kz]!;
        out[o] = factor * transform[o]!;
        out[o + 1] = factor * transform[o + 1]!;
      }
    }
  }
  return out;
}
