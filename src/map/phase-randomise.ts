/**
 * New phases beyond a shell: what a mask alone contributes to the FSC (Chen et al. 2013, Ultramicroscopy 135, 24).
 *
 * The result stays Hermitian: on the columns kx = 0 and kx = boxPx/2 both members of a pair are stored, and the second
 * gets the conjugate of the first; voxels that are their own partners stay real and only change sign.
 */

import { philox4x32, seedWords } from "../core/random.ts";
import { halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import { expectTransform } from "./map-shape.ts";

/**
 * @param out  [boxPx × boxPx × halfLength] interleaved complex, overwritten; may be `transform`
 * @param lastKeptShell  shells up to this one stay as they are
 * @param stream  which map, so that two halves get different phases from one seed
 */
export function randomisePhasesInto(
  out: Float32Array,
  transform: Float32Array,
  boxPx: number,
  lastKeptShell: number,
  seed: number,
  stream: number,
): Float32Array {
  expectTransform("phase randomisation", transform, boxPx);
  expectTransform("phase randomisation: out", out, boxPx);
  return randomisePhaseRowsInto(out, transform, { boxPx, firstRow: 0, rowCount: boxPx }, lastKeptShell, seed, stream);
}

/** Directions that a phase is turned to: enough that their mean is 0, few enough for the first-level cache. */
const TURNS = 1024;

/** The same for rows y of a transform, [boxPx z × rowCount × halfLength]: a voxel's phase depends on its place in the whole only. */
export function randomisePhaseRowsInto(
  out: Float32Array,
  transform: Float32Array,
  rows: { readonly boxPx: number; readonly firstRow: number; readonly rowCount: number },
  lastKeptShell: number,
  seed: number,
  stream: number,
): Float32Array {
  const { boxPx } = rows;
  const [key0, key1] = seedWords(seed);
  const words = new Uint32Array(4);
  const length = halfLength(boxPx);
  const drawsPerRow = Math.ceil(length / words.length);
  const { cosine, sine } = turnTable();
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    const mirrorZ = (boxPx - iz) % boxPx;
    for (let iy = rows.firstRow; iy < rows.firstRow + rows.rowCount; iy++) {
      const ky = signedFrequency(iy, boxPx);
      const row = iz * boxPx + iy;
      const mirrorRow = mirrorZ * boxPx + ((boxPx - iy) % boxPx);
      const square = ky * ky + kz * kz;
      for (let kx = 0; kx < length; kx++, o += 2) {
        // One draw serves four voxels of a row; the columns that hold both members of a pair have draws of their own.
        if ((kx & 3) === 0) philox4x32(words, key0, key1, row * drawsPerRow + (kx >> 2), stream, INNER, 0);
        const real = transform[o]!;
        const imaginary = transform[o + 1]!;
        if (shellOf(kx * kx + square) <= lastKeptShell) {
          out[o] = real;
          out[o + 1] = imaginary;
          continue;
        }
        if (kx === 0 || 2 * kx === boxPx) {
          const word = pairWord(key0, key1, Math.min(row, mirrorRow), stream, kx);
          const turn = mirrorRow === row ? (word & 1) * (TURNS / 2) : word & (TURNS - 1);
          const sign = mirrorRow < row ? -1 : 1;
          out[o] = real * cosine[turn]! - sign * imaginary * sine[turn]!;
          out[o + 1] = mirrorRow === row ? 0 : sign * real * sine[turn]! + imaginary * cosine[turn]!;
          continue;
        }
        const turn = words[kx & 3]! & (TURNS - 1);
        out[o] = real * cosine[turn]! - imaginary * sine[turn]!;
        out[o + 1] = real * sine[turn]! + imaginary * cosine[turn]!;
      }
    }
  }
  return out;
}

/** Purposes of draws. */
const INNER = 0;
const PAIR = 1;

function pairWord(key0: number, key1: number, row: number, stream: number, kx: number): number {
  const own = new Uint32Array(4);
  philox4x32(own, key0, key1, row, stream, PAIR, 0);
  return own[kx === 0 ? 0 : 1]!;
}

function turnTable(): { readonly cosine: Float64Array; readonly sine: Float64Array } {
  const cosine = Float64Array.from({ length: TURNS }, (_, i) => Math.cos((2 * Math.PI * i) / TURNS));
  const sine = Float64Array.from({ length: TURNS }, (_, i) => Math.sin((2 * Math.PI * i) / TURNS));
  // Half a turn changes the sign exactly.
  sine[TURNS / 2] = 0;
  return { cosine, sine };
}
