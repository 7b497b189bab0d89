/** A histogram as an SVG group. */

import { PLOT_COLOURS, place, plotFrame } from "./plot-frame.ts";

export interface HistogramPlotOptions {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Default: from the smallest to the largest finite value. */
  readonly range?: readonly [number, number];
  readonly binCount?: number;
}

/** Counts per bin; values outside the range fall into the end bins, values that are not finite into none. */
export function histogramOf(
  values: ArrayLike<number>,
  [low, high]: readonly [number, number],
  binCount: number,
): Float64Array {
  const counts = new Float64Array(binCount);
  const width = high > low ? (high - low) / binCount : 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) counts[Math.min(binCount - 1, Math.max(0, Math.floor((value - low) / width)))]!++;
  }
  return counts;
}

export function histogramPlot(values: ArrayLike<number>, options: HistogramPlotOptions): string {
  const { binCount = 40 } = options;
  const range = options.range ?? extent(values);
  const counts = histogramOf(values, range, binCount);
  const highest = counts.reduce((a, b) => Math.max(a, b), 1);
  const frame = plotFrame({ ...options, xRange: range, yRange: [0, 1.05 * highest] });
  const width = (frame.right - frame.left) / binCount;
  const bars = Array.from(counts, (count, bin) => {
    const top = frame.y(count);
    return count === 0
      ? ""
      : `<rect x="${place(frame.left + bin * width)}" y="${place(top)}" width="${place(Math.max(0.5, width - 0.6))}" ` +
          `height="${place(frame.bottom - top)}" fill="${PLOT_COLOURS[0]}"/>`;
  });
  return `<g>${[frame.svg, ...bars].join("\n")}</g>`;
}

function extent(values: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
