/** Frame, ticks and labels of a plot, and the way from values to places. */

import { escapeText } from "./svg-text.ts";

export interface PlotTick {
  readonly at: number;
  readonly text: string;
}

export interface PlotFrameOptions {
  /** Place and size within the picture, SVG units, labels included. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly xLabel: string;
  readonly yLabel: string;
  /** Default: round values. */
  readonly xTicks?: readonly PlotTick[];
  readonly yTicks?: readonly PlotTick[];
}

export interface PlotFrame {
  x(value: number): number;
  y(value: number): number;
  /** The area inside the frame. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly svg: string;
}

/** Colours that differ in lightness too (Okabe & Ito 2008). */
export const PLOT_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#888888", "#cc79a7"] as const;

const MARGIN = { left: 58, right: 14, top: 12, bottom: 40 };

export function plotFrame(options: PlotFrameOptions): PlotFrame {
  const left = options.left + MARGIN.left;
  const top = options.top + MARGIN.top;
  const right = options.left + options.width - MARGIN.right;
  const bottom = options.top + options.height - MARGIN.bottom;
  const scale = ([low, high]: readonly [number, number], from: number, to: number) => {
    const span = high > low ? high - low : 1;
    return (value: number) => from + ((to - from) * (Math.min(high, Math.max(low, value)) - low)) / span;
  };
  const x = scale(options.xRange, left, right);
  const y = scale(options.yRange, bottom, top);
  const parts = [
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="#444"/>`,
    ...(options.xTicks ?? roundTicks(options.xRange, 8)).map(
      ({ at, text }) =>
        `<line x1="${place(x(at))}" x2="${place(x(at))}" y1="${bottom}" y2="${bottom + 4}" stroke="#444"/>` +
        plotText(x(at), bottom + 17, text, "middle"),
    ),
    ...(options.yTicks ?? roundTicks(options.yRange, 6)).map(
      ({ at, text }) =>
        `<line x1="${left - 4}" x2="${left}" y1="${place(y(at))}" y2="${place(y(at))}" stroke="#444"/>` +
        plotText(left - 7, y(at) + 4, text, "end"),
    ),
    plotText((left + right) / 2, bottom + 34, options.xLabel, "middle"),
    `<text transform="translate(${options.left + 12} ${place((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">` +
      `${escapeText(options.yLabel)}</text>`,
  ];
  return { x, y, left, top, right, bottom, svg: parts.join("\n") };
}

/** About `count` round values within a range: 1, 2 or 5 times a power of ten apart. */
export function roundTicks([low, high]: readonly [number, number], count: number): PlotTick[] {
  if (!(high > low)) return [{ at: low, text: String(Number(low.toPrecision(6))) }];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const ticks: PlotTick[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    ticks.push({ at: i * step, text: String(Number((i * step).toPrecision(6))) });
  }
  return ticks;
}

export function plotText(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}

/** A number as it stands in SVG, to a tenth of a unit. */
export function place(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** Lines of a legend, one below the other, right-aligned. */
export function plotLegend(
  entries: readonly { readonly label: string; readonly colour: string }[],
  right: number,
  top: number,
): string {
  return entries
    .map(({ label, colour }, i) => {
      const y = top + 17 * i;
      return (
        `<line x1="${right - 20}" x2="${right}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"/>` +
        plotText(right - 26, y, label, "end")
      );
    })
    .join("\n");
}
