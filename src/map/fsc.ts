/** Fourier shell correlation of two maps. */

import { friedelWeight, halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import type { Fft3 } from "./fft3.ts";
import { expectMap, expectTransform } from "./map-shape.ts";

/** Sums of one row y per shell: Σ A conj(B), Σ|A|², Σ|B|². */
const SUMS = 3;

/**
 * FSC of two half-complex transforms, shells 0..floor(boxPx/2).
 *
 *     FSC(r) = Re Σ A conj(B) / √(Σ|A|² Σ|B|²),   sums over the full transform: kx = 0 counts once, other columns twice
 *
 * Shell 0 is 1 by definition (DC is no agreement); a shell without power in either map is 0.
 * Source: Harauz & van Heel 1986, Optik 73, 146. Sums in double precision, each row y on its own and then the rows in order: so
 * they have the same bytes where the rows lie on several ranks.
 */
export function fscFromTransforms(a: Float32Array, b: Float32Array, boxPx: number): Float64Array {
  expectTransform("fsc: first map", a, boxPx);
  expectTransform("fsc: second map", b, boxPx);
  return fscOfRowSums(fscRowSums(a, b, boxPx, 0, boxPx), boxPx);
}

/**
 * What rows y of two transforms add to the FSC.
 *
 * @param a,b  [boxPx z][rowCount][halfLength] interleaved complex
 * @returns [rowCount][shells][3]; fresh array
 */
export function fscRowSums(
  a: Float32Array,
  b: Float32Array,
  boxPx: number,
  firstRow: number,
  rowCount: number,
): Float64Array {
  const shellCount = halfLength(boxPx);
  const sums = new Float64Array(rowCount * shellCount * SUMS);
  for (let row = 0; row < rowCount; row++) {
    const ky = signedFrequency(firstRow + row, boxPx);
    const own = sums.subarray(row * shellCount * SUMS, (row + 1) * shellCount * SUMS);
    for (let iz = 0; iz < boxPx; iz++) {
      const kz = signedFrequency(iz, boxPx);
      const squared = ky * ky + kz * kz;
      let o = 2 * (iz * rowCount + row) * shellCount;
      for (let kx = 0; kx < shellCount; kx++, o += 2) {
        const shell = shellOf(kx * kx + squared);
        if (shell >= shellCount) break;
        const weight = friedelWeight(kx, boxPx);
        const [ar, ai, br, bi] = [a[o]!, a[o + 1]!, b[o]!, b[o + 1]!];
        own[SUMS * shell]! += weight * (ar * br + ai * bi);
        own[SUMS * shell + 1]! += weight * (ar * ar + ai * ai);
        own[SUMS * shell + 2]! += weight * (br * br + bi * bi);
      }
    }
  }
  return sums;
}

/** FSC from the sums of all rows, in order. */
export function fscOfRowSums(sums: Float64Array, boxPx: number): Float64Array {
  const shellCount = halfLength(boxPx);
  const fsc = new Float64Array(shellCount);
  for (let shell = 0; shell < shellCount; shell++) {
    const total = [0, 0, 0];
    for (let row = 0; row < boxPx; row++) {
      for (let s = 0; s < SUMS; s++) total[s]! += sums[SUMS * (row * shellCount + shell) + s]!;
    }
    const power = Math.sqrt(total[1]! * total[2]!);
    fsc[shell] = power > 0 ? total[0]! / power : 0;
  }
  fsc[0] = 1;
  return fsc;
}

/** FSC of two real maps [boxPx³]. */
export async function fscOfMaps(a: Float32Array, b: Float32Array, boxPx: number, fft: Fft3): Promise<Float64Array> {
  expectMap("fsc: first map", a, boxPx);
  expectMap("fsc: second map", b, boxPx);
  return fscFromTransforms(await fft.forward(a, boxPx), await fft.forward(b, boxPx), boxPx);
}
