/** FSC curves as SVG, with Å on the axis and the two thresholds. */

import { shellToResolutionA } from "../geometry/shells.ts";
import { PLOT_COLOURS } from "./plot-frame.ts";
import { HALF_MAP_THRESHOLD, TRUTH_THRESHOLD } from "./resolution.ts";
import { escapeText } from "./svg-text.ts";

export interface FscCurve {
  readonly label: string;
  /** [shell] from shell 0. */
  readonly values: ArrayLike<number>;
}

export interface FscPlotOptions {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Place and size of the plot within the picture, SVG units, labels included. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Resolutions that get a label where there is room. */
const TICKS_A = [100, 50, 30, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1];
const MARGIN = { left: 46, right: 14, top: 12, bottom: 40 };
/** Least distance of two tick labels, SVG units. */
const TICK_ROOM = 34;

/** An SVG group. Spatial frequency grows linearly to the right up to the last shell. */
export function fscPlot(curves: readonly FscCurve[], options: FscPlotOptions): string {
  const { boxPx, pixelSizeA, left, top, width, height } = options;
  const plotLeft = left + MARGIN.left;
  const plotTop = top + MARGIN.top;
  const plotWidth = width - MARGIN.left - MARGIN.right;
  const plotHeight = height - MARGIN.top - MARGIN.bottom;
  const lastShell = Math.max(1, ...curves.map((curve) => curve.values.length - 1));
  const lowest = Math.min(0, ...curves.flatMap((curve) => Array.from(curve.values).filter(Number.isFinite)));
  const low = lowest < -0.02 ? Math.max(-1, Math.floor(lowest * 10) / 10) : 0;
  const x = (shell: number) => plotLeft + (plotWidth * shell) / lastShell;
  const y = (fsc: number) => plotTop + (plotHeight * (1 - Math.min(1, Math.max(low, fsc)))) / (1 - low);
  const parts = [
    `<rect x="${plotLeft}" y="${plotTop}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#444"/>`,
    ...[low, 0, 0.25, 0.5, 0.75, 1]
      .filter((value, i, all) => all.indexOf(value) === i)
      .map((value) => label(plotLeft - 6, y(value) + 4, String(value), "end")),
    `<line x1="${plotLeft}" x2="${plotLeft + plotWidth}" y1="${y(0)}" y2="${y(0)}" stroke="#bbb"/>`,
    ...ticks(lastShell, boxPx, pixelSizeA, x).map(
      ({ at, text }) =>
        `<line x1="${at}" x2="${at}" y1="${plotTop + plotHeight}" y2="${plotTop + plotHeight + 4}" stroke="#444"/>` +
        label(at, plotTop + plotHeight + 17, text, "middle"),
    ),
    label(plotLeft + plotWidth / 2, plotTop + plotHeight + 34, "resolution (Å)", "middle"),
    `<text transform="translate(${left + 11} ${plotTop + plotHeight / 2}) rotate(-90)" text-anchor="middle">FSC</text>`,
    ...[HALF_MAP_THRESHOLD, TRUTH_THRESHOLD].map(
      (threshold) =>
        `<line x1="${plotLeft}" x2="${plotLeft + plotWidth}" y1="${y(threshold)}" y2="${y(threshold)}" ` +
        `stroke="#666" stroke-dasharray="5 4"/>` +
        label(plotLeft + 5, y(threshold) - 4, String(threshold), "start"),
    ),
    ...curves.map((curve, i) => line(curve, PLOT_COLOURS[i % PLOT_COLOURS.length]!, x, y)),
    ...legend(curves, plotLeft + plotWidth - 8, plotTop + 16),
  ];
  return `<g>${parts.join("\n")}</g>`;
}

function ticks(lastShell: number, boxPx: number, pixelSizeA: number, x: (shell: number) => number) {
  const kept: { readonly at: number; readonly text: string }[] = [];
  // The finest resolution is always named; the round values give way to it.
  const nyquist = shellToResolutionA(lastShell, boxPx, pixelSizeA);
  const end = { at: x(lastShell), text: `${Number(nyquist.toFixed(nyquist < 10 ? 2 : 1))}` };
  for (const resolutionA of TICKS_A) {
    const at = x((boxPx * pixelSizeA) / resolutionA);
    const previous = kept.at(-1)?.at ?? x(0) - TICK_ROOM / 2;
    if (at - previous >= TICK_ROOM && end.at - at >= TICK_ROOM) kept.push({ at, text: String(resolutionA) });
  }
  return [...kept, end];
}

function line(curve: FscCurve, colour: string, x: (shell: number) => number, y: (fsc: number) => number): string {
  const points = Array.from(curve.values, (value, shell) => [shell, value] as const)
    .filter(([, value]) => Number.isFinite(value))
    .map(([shell, value]) => `${x(shell).toFixed(1)},${y(value).toFixed(1)}`);
  return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

function legend(curves: readonly FscCurve[], right: number, top: number): string[] {
  return curves.map((curve, i) => {
    const y = top + 17 * i;
    const colour = PLOT_COLOURS[i % PLOT_COLOURS.length]!;
    return (
      `<line x1="${right - 20}" x2="${right}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"/>` +
      label(right - 26, y, curve.label, "end")
    );
  });
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}
