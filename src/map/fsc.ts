/** Fourier shell correlation of two maps. */

import { friedelWeight, halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import type { Fft3 } from "./fft3.ts";
import { expectMap, expectTransform } from "./map-shape.ts";

/**
 * FSC of two half-complex transforms, shells 0..floor(boxPx/2).
 *
 *     FSC(r) = Re Σ A conj(B) / √(Σ|A|² Σ|B|²),   sums over the full transform: kx = 0 counts once, other columns twice
 *
 * Shell 0 is 1 by definition (DC is no agreement); a shell without power in either map is 0.
 * Source: Harauz & van Heel 1986, Optik 73, 146. Sums in double precision, in index order.
 */
export function fscFromTransforms(a: Float32Array, b: Float32Array, boxPx: number): Float64Array {
  expectTransform("fsc: first map", a, boxPx);
  expectTransform("fsc: second map", b, boxPx);
  const shellCount = halfLength(boxPx);
  const cross = new Float64Array(shellCount);
  const powerA = new Float64Array(shellCount);
  const powerB = new Float64Array(shellCount);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < shellCount; kx++, o += 2) {
        const shell = shellOf(kx * kx + ky * ky + kz * kz);
        if (shell >= shellCount) continue;
        const weight = friedelWeight(kx, boxPx);
        const [ar, ai, br, bi] = [a[o]!, a[o + 1]!, b[o]!, b[o + 1]!];
        cross[shell]! += weight * (ar * br + ai * bi);
        powerA[shell]! += weight * (ar * ar + ai * ai);
        powerB[shell]! += weight * (br * br + bi * bi);
      }
    }
  }
  const fsc = cross.map((sum, shell) => {
    const power = Math.sqrt(powerA[shell]! * powerB[shell]!);
    return power > 0 ? sum / power : 0;
  });
  fsc[0] = 1;
  return fsc;
}

/** FSC of two real maps [boxPx³]. */
export async function fscOfMaps(a: Float32Array, b: Float32Array, boxPx: number, fft: Fft3): Promise<Float64Array> {
  expectMap("fsc: first map", a, boxPx);
  expectMap("fsc: second map", b, boxPx);
  return fscFromTransforms(await fft.forward(a, boxPx), await fft.forward(b, boxPx), boxPx);
}
