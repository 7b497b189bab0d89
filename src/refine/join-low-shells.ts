import { halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import type { Fft3 } from "../map/fft3.ts";

/**
 * Two references whose shells up to `lastShell` are replaced by their average: keeps both halves in one frame and one hand. Only for alignment; no FSC
 * is ever measured on the result.
 */
export async function joinLowShells(
  a: Float32Array,
  b: Float32Array,
  boxPx: number,
  lastShell: number,
  fft: Fft3,
): Promise<[Float32Array, Float32Array]> {
  if (lastShell < 1) return [a.slice(), b.slice()];
  const A = await fft.forward(a, boxPx);
  const B = await fft.forward(b, boxPx);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < halfLength(boxPx); kx++, o += 2) {
        if (shellOf(kx * kx + ky * ky + kz * kz) > lastShell) continue;
        for (let c = 0; c < 2; c++) {
          const mean = 0.5 * (A[o + c]! + B[o + c]!);
          A[o + c] = mean;
          B[o + c] = mean;
        }
      }
    }
  }
  return [await fft.inverse(A, boxPx), await fft.inverse(B, boxPx)];
}
