import { halfLength, resolutionToShell, shellOf, signedFrequency } from "../geometry/shells.ts";
import type { Fft3 } from "../map/fft3.ts";
import type { RunContext } from "./run-context.ts";

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
  forEachLow(boxPx, lastShell, (o) => {
    const mean = 0.5 * (A[o]! + B[o]!);
    A[o] = mean;
    B[o] = mean;
  });
  return [await fft.inverse(A, boxPx), await fft.inverse(B, boxPx)];
}

/** A map whose shells up to `lastShell` are those of another. */
export async function withLowShells(
  map: Float32Array,
  low: Float32Array,
  boxPx: number,
  lastShell: number,
  fft: Fft3,
): Promise<Float32Array> {
  const transform = await fft.forward(map, boxPx);
  const from = await fft.forward(low, boxPx);
  forEachLow(boxPx, lastShell, (o) => {
    transform[o] = from[o]!;
  });
  return fft.inverse(transform, boxPx);
}

/** Visits both components of every voxel of a half-complex transform up to a shell. */
function forEachLow(boxPx: number, lastShell: number, visit: (offset: number) => void): void {
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < halfLength(boxPx); kx++, o += 2) {
        if (shellOf(kx * kx + ky * ky + kz * kz) > lastShell) continue;
        visit(o);
        visit(o + 1);
      }
    }
  }
}

/** Largest shell that the references of the two half-sets share; 0: none. */
export function joinShellOf({ options, data }: Pick<RunContext, "options" | "data">): number {
  if (options.joinResolutionA <= 0) return 0;
  return Math.floor(resolutionToShell(options.joinResolutionA, data.boxPx, data.pixelSizeA));
}
