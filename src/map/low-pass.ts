/** Low-pass filter of a map with a cosine edge in Fourier space. */

import { expectPositive } from "../core/checks.ts";
import { halfLength, resolutionToShell, signedFrequency } from "../geometry/shells.ts";
import type { Fft3 } from "./fft3.ts";
import { expectMap, expectTransform } from "./map-shape.ts";
import { softEdge } from "./soft-edge.ts";

/** Width of the filter's edge in shells, centred on the cutoff. */
export const DEFAULT_EDGE_SHELLS = 2;

/**
 * Multiplies a half-complex transform by 1 up to half an edge below the cutoff, a cosine edge (½ at the cutoff) and 0.
 *
 * @param out  [boxPx × boxPx × halfLength] interleaved complex; may be `transform`
 */
export function lowPassInto(
  out: Float32Array,
  transform: Float32Array,
  boxPx: number,
  cutoffShell: number,
  edgeShells: number = DEFAULT_EDGE_SHELLS,
): Float32Array {
  expectTransform("low pass", transform, boxPx);
  expectTransform("low pass: out", out, boxPx);
  expectPositive("low pass: cutoffShell", cutoffShell);
  const length = halfLength(boxPx);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < length; kx++, o += 2) {
        const weight = softEdge(Math.sqrt(kx * kx + ky * ky + kz * kz) - (cutoffShell - edgeShells / 2), edgeShells);
        out[o] = weight * transform[o]!;
        out[o + 1] = weight * transform[o + 1]!;
      }
    }
  }
  return out;
}

/** A low-passed copy of a real map [boxPx³]; a cutoff finer than Nyquist leaves the map as it was. */
export async function lowPassMap(
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  resolutionA: number,
  fft: Fft3,
  edgeShells: number = DEFAULT_EDGE_SHELLS,
): Promise<Float32Array> {
  expectMap("low pass: map", map, boxPx);
  expectPositive("low pass: resolutionA", resolutionA);
  const transform = await fft.forward(map, boxPx);
  const cutoffShell = resolutionToShell(resolutionA, boxPx, pixelSizeA);
  return fft.inverse(lowPassInto(transform, transform, boxPx, cutoffShell, edgeShells), boxPx);
}
