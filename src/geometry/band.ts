/**
 * The band of an image: its half-plane Fourier pixels up to a shell, in the order that compare and insert use.
 *
 * Each Friedel pair is present once: kx >= 0, and ky >= 0 where kx = 0. The rows and columns at ±boxPx/2 have no
 * partner and are left out. Pixels are ordered by shell, then ky, then kx, so a smaller radius is a prefix.
 */

import { UsageError } from "../core/errors.ts";

export interface Band {
  readonly boxPx: number;
  readonly maxShell: number;
  readonly pixelCount: number;
  /** [pixelCount] signed frequency indices; pixel 0 is (0, 0). */
  readonly kx: Int32Array;
  readonly ky: Int32Array;
  /** [pixelCount] round(|k|). */
  readonly shell: Int32Array;
  /** [maxShell + 2] first pixel of each shell; the last entry is pixelCount. */
  readonly shellStart: Int32Array;
}

/** Largest shell an image of this box can hold: floor((boxPx - 1) / 2) on the axes, boxPx/2 off them. */
export function makeBand(boxPx: number, maxShell: number): Band {
  if (!Number.isInteger(boxPx) || boxPx < 2) {
    throw new UsageError(`band: boxPx must be a whole number of at least 2, got ${boxPx}.`);
  }
  if (!Number.isInteger(maxShell) || maxShell < 0 || maxShell > boxPx / 2) {
    throw new UsageError(`band: maxShell must be a whole number in 0..${Math.floor(boxPx / 2)}, got ${maxShell}.`);
  }
  const edge = Math.min(maxShell, Math.floor((boxPx - 1) / 2));
  const shellStart = new Int32Array(maxShell + 2);
  forEachPixel(edge, maxShell, boxPx, (_kx, _ky, shell) => {
    shellStart[shell + 1]!++;
  });
  for (let shell = 0; shell <= maxShell; shell++) shellStart[shell + 1]! += shellStart[shell]!;
  const pixelCount = shellStart[maxShell + 1]!;
  const band = {
    boxPx,
    maxShell,
    pixelCount,
    kx: new Int32Array(pixelCount),
    ky: new Int32Array(pixelCount),
    shell: new Int32Array(pixelCount),
    shellStart,
  };
  const next = shellStart.slice();
  forEachPixel(edge, maxShell, boxPx, (kx, ky, shell) => {
    const pixel = next[shell]!++;
    band.kx[pixel] = kx;
    band.ky[pixel] = ky;
    band.shell[pixel] = shell;
  });
  return band;
}

/** Number of pixels in shells 0..maxShellInclusive: the prefix of the band that a smaller radius uses. */
export function bandPrefix(band: Band, maxShellInclusive: number): number {
  return band.shellStart[Math.min(Math.max(maxShellInclusive, -1), band.maxShell) + 1]!;
}

/** Index of each band pixel in the half-complex transform [boxPx][floor(boxPx/2) + 1] of an image. */
export function makeBandIndex(band: Band): Int32Array {
  const rowLength = Math.floor(band.boxPx / 2) + 1;
  return Int32Array.from(band.kx, (kx, pixel) => {
    const ky = band.ky[pixel]!;
    return (ky < 0 ? ky + band.boxPx : ky) * rowLength + kx;
  });
}

function forEachPixel(
  edge: number,
  maxShell: number,
  boxPx: number,
  visit: (kx: number, ky: number, shell: number) => void,
): void {
  for (let ky = -edge; ky <= edge; ky++) {
    for (let kx = ky < 0 ? 1 : 0; kx <= edge; kx++) {
      const radius = Math.sqrt(kx * kx + ky * ky);
      const shell = Math.round(radius);
      if (shell <= maxShell && radius <= boxPx / 2) visit(kx, ky, shell);
    }
  }
}
