/** Fall-off of a map's amplitudes with resolution, and the B-factor that undoes it. */

import { expectPositive } from "../core/checks.ts";
import { UsageError } from "../core/errors.ts";
import { shellToResolutionA } from "../geometry/shells.ts";

export interface GuinierFit {
  /** Å²; negative for a map that falls off: multiplying by exp(-B s²/4) sharpens it. */
  readonly bFactorA2: number;
  /** ln F = intercept + (bFactorA2 / 4) s². */
  readonly intercept: number;
  /** Of ln F with s² over the shells used. */
  readonly correlation: number;
  /** First and last shell that entered. */
  readonly firstShell: number;
  readonly lastShell: number;
}

export interface GuinierRange {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Coarsest and finest resolution of the fit, Å. */
  readonly fromA: number;
  readonly toA: number;
}

/** A line needs two points, a trustworthy one a few more. */
export const LEAST_FIT_SHELLS = 3;

/**
 * Straight line through ln F against s², each shell with weight 1; shells without amplitude are left out.
 *
 * @param amplitude  [shell] mean |F| per shell, any unit
 * @returns null where fewer than three shells lie in the range
 *
 * Source: Rosenthal & Henderson 2003, J. Mol. Biol. 333, 721.
 */
export function fitGuinier(amplitude: ArrayLike<number>, range: GuinierRange): GuinierFit | null {
  const { boxPx, pixelSizeA, fromA, toA } = range;
  expectPositive("Guinier fit: pixelSizeA", pixelSizeA);
  if (!(fromA > 0 && toA > 0)) {
    throw new UsageError(`Guinier fit: expected a range of resolutions above 0 Å, got ${fromA} to ${toA} Å.`);
  }
  const shells: number[] = [];
  for (let shell = 1; shell < amplitude.length; shell++) {
    const resolutionA = shellToResolutionA(shell, boxPx, pixelSizeA);
    if (resolutionA <= fromA && resolutionA >= toA && amplitude[shell]! > 0) shells.push(shell);
  }
  if (shells.length < LEAST_FIT_SHELLS) return null;
  const x = shells.map((shell) => shellToResolutionA(shell, boxPx, pixelSizeA) ** -2);
  const y = shells.map((shell) => Math.log(amplitude[shell]!));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i]! - meanX) ** 2;
    xy += (x[i]! - meanX) * (y[i]! - meanY);
    yy += (y[i]! - meanY) ** 2;
  }
  const slope = xy / xx;
  return {
    bFactorA2: 4 * slope,
    intercept: meanY - slope * meanX,
    correlation: yy > 0 ? xy / Math.sqrt(xx * yy) : 0,
    firstShell: shells[0]!,
    lastShell: shells[shells.length - 1]!,
  };
}
