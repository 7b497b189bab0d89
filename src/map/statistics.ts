/** Mean, spread and extremes of a map or image. */

export interface Statistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Root of the mean squared deviation (divided by n): what MRC headers call rms. */
  readonly standardDeviation: number;
  /** Values that are NaN or infinite; they enter none of the other numbers. */
  readonly notFiniteCount: number;
}

/** In two passes: the deviation of a map with a large mean keeps its digits. All zero for an empty array. */
export function statisticsOf(values: ArrayLike<number>): Statistics {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const notFiniteCount = values.length - count;
  if (count === 0) return { min: 0, max: 0, mean: 0, standardDeviation: 0, notFiniteCount };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) squares += (values[i]! - mean) ** 2;
  }
  return { min, max, mean, standardDeviation: Math.sqrt(squares / count), notFiniteCount };
}

/** Median, and 1.4826 × the median absolute deviation from it: the standard deviation if the values were normal. */
export function medianAndDeviation(values: ArrayLike<number>): { readonly median: number; readonly deviation: number } {
  if (values.length === 0) return { median: 0, deviation: 0 };
  const sorted = Float64Array.from(values).sort();
  const median = middle(sorted);
  const deviation = 1.4826 * middle(sorted.map((value) => Math.abs(value - median)).sort());
  return { median, deviation };
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
