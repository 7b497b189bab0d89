/** Shells that are never damped: their FSC says little about their few pixels. */
export const UNREGULARISED_SHELLS = 5;

const FSC_FLOOR = 1e-3;
const FSC_CEILING = 0.999;

/**
 * Additive Wiener prior of a half map: 1/τ² in the units of T, so that W = 1/(T + prior).
 * SSNR = f/(1 − f); τ² = SSNR / mean(T): prior = mean(T)·(1 − f)/f (algorithm.md 6.4, RELION's form).
 *
 * @param fsc  FSC of this round's unregularised, unmasked half maps, per shell
 * @param meanWeight  [maxShell + 1] mean of T per shell of the map to be regularised
 */
export function wienerPrior(fsc: ArrayLike<number>, meanWeight: Float64Array): Float64Array {
  return meanWeight.map((mean, shell) => {
    if (shell < UNREGULARISED_SHELLS) return 0;
    const f = Math.min(Math.max(fsc[shell] ?? 0, FSC_FLOOR), FSC_CEILING);
    return (mean * (1 - f)) / f;
  });
}

/** FSC of the sum of both halves against the truth, √(2f/(1 + f)) (Rosenthal & Henderson 2003): what the joined map is weighted by. */
export function joinedFsc(fsc: ArrayLike<number>): Float64Array {
  return Float64Array.from(fsc, (f) => (f > 0 ? Math.sqrt((2 * f) / (1 + f)) : 0));
}
