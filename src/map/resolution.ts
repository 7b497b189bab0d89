/** Where an FSC curve falls below a threshold. */

import { expectPositive } from "../core/checks.ts";

/** Between half maps (Rosenthal & Henderson 2003, J. Mol. Biol. 333, 721). */
export const HALF_MAP_THRESHOLD = 0.143;
/** Against a known truth: the agreement that half maps at 0.143 imply for their average, √(2 f / (1 + f)) = ½. */
export const TRUTH_THRESHOLD = 0.5;

export interface Resolution {
  readonly threshold: number;
  /** Å; Nyquist when the curve never falls below the threshold. */
  readonly resolutionA: number;
  /** Where the straight line between two shells meets the threshold. */
  readonly crossingShell: number;
  /** Last shell before the first one below the threshold (0 when shell 1 is already below). */
  readonly lastShell: number;
  /** The curve stays above to its end: the resolution is limited by the pixel, not by the data. */
  readonly isNyquistLimited: boolean;
}

/**
 * The first fall below `threshold`, from shell 1 upwards; later shells that rise again do not count.
 *
 * @param fsc  [shell], shell 0 first
 */
export function resolutionAt(fsc: ArrayLike<number>, threshold: number, boxPx: number, pixelSizeA: number): Resolution {
  expectPositive("resolution: pixelSizeA", pixelSizeA);
  const widthA = boxPx * pixelSizeA;
  for (let shell = 1; shell < fsc.length; shell++) {
    const below = fsc[shell]!;
    // Written so that NaN counts as below: a shell that could not be measured is not resolved.
    if (below >= threshold) continue;
    const above = shell === 1 ? 1 : fsc[shell - 1]!;
    const share = (above - threshold) / (above - below);
    const crossingShell = shell - 1 + (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0);
    const resolutionA = widthA / Math.max(crossingShell, Number.EPSILON);
    return { threshold, resolutionA, crossingShell, lastShell: shell - 1, isNyquistLimited: false };
  }
  const lastShell = Math.max(1, fsc.length - 1);
  return { threshold, resolutionA: widthA / lastShell, crossingShell: lastShell, lastShell, isNyquistLimited: true };
}
