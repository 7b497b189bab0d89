import type { Histogram } from "./run-numbers.ts";

/** Shares of the values that lie outside the drawn range at each end, where no range is given. */
const TAIL_SHARE = 0.001;

/** Equal bins; values beyond the ends count in the outer bins, values that are not finite nowhere. */
export function histogramOf(
  values: ArrayLike<number>,
  binCount: number,
  range?: readonly [from: number, to: number],
): Histogram | null {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  let [from, to] = range ?? [at(TAIL_SHARE), at(1 - TAIL_SHARE)];
  if (!(to > from)) [from, to] = [from - 0.5, from + 0.5];
  const counts = new Array<number>(binCount).fill(0);
  for (const value of sorted) {
    const bin = Math.floor((binCount * (value - from)) / (to - from));
    counts[Math.min(binCount - 1, Math.max(0, bin))]!++;
  }
  return { from, to, counts, median: at(0.5) };
}
