/**
 * New phases beyond a shell: what a mask alone contributes to the FSC (Chen et al. 2013, Ultramicroscopy 135, 24).
 *
 * The result stays Hermitian: on the columns kx = 0 and kx = boxPx/2 both members of a pair are stored, and the second
 * gets the conjugate of the first; voxels that are their own partners stay real and only change sign.
 */

import { philox4x32, seedWords, uniform01 } from "../core/random.ts";
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
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    const mirrorZ = (boxPx - iz) % boxPx;
    for (let iy = rows.firstRow; iy < rows.firstRow + rows.rowCount; iy++) {
      const ky = signedFrequency(iy, boxPx);
      const mirrorY = (boxPx - iy) % boxPx;
      for (let kx = 0; kx < length; kx++, o += 2) {
        const real = transform[o]!;
        const imaginary = transform[o + 1]!;
        if (shellOf(kx * kx + ky * ky + kz * kz) <= lastKeptShell) {
          out[o] = real;
          out[o + 1] = imaginary;
          continue;
        }
        const voxel = (iz * boxPx + iy) * length + kx;
        const isPaired = kx === 0 || 2 * kx === boxPx;
        const mirror = isPaired ? (mirrorZ * boxPx + mirrorY) * length + kx : voxel;
        philox4x32(words, key0, key1, Math.min(voxel, mirror), stream, 0, 0);
        const amplitude = Math.hypot(real, imaginary);
        if (isPaired && mirror === voxel) {
          out[o] = words[0]! & 1 ? amplitude : -amplitude;
          out[o + 1] = 0;
          continue;
        }
        const phaseRad = 2 * Math.PI * uniform01(words[0]!) * (mirror < voxel ? -1 : 1);
        out[o] = amplitude * Math.cos(phaseRad);
        out[o + 1] = amplitude * Math.sin(phaseRad);
      }
    }
  }
  return out;
}
