/** Guinier plot: ln of the amplitude against the squared frequency, with the fitted line. */

import { shellToResolutionA } from "../geometry/shells.ts";
import type { GuinierFit } from "./guinier.ts";
import { PLOT_COLOURS, type PlotTick, place, plotFrame, plotLegend } from "./plot-frame.ts";
import type { GuinierCurves } from "./sharpen.ts";

export interface GuinierPlotOptions {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Resolutions that get a tick where there is room. */
const TICKS_A = [
  20, 15, 12, 10, 9, 8, 7, 6, 5.5, 5, 4.5, 4, 3.7, 3.5, 3.2, 3, 2.8, 2.6, 2.4, 2.2, 2, 1.8, 1.6, 1.4, 1.2,
];
const TICK_ROOM = 36;

/** An SVG group. Amplitudes are those of the transform divided by the number of voxels; the lowest shells run off the top. */
export function guinierPlot(curves: GuinierCurves, fit: GuinierFit | null, options: GuinierPlotOptions): string {
  const { boxPx, pixelSizeA } = options;
  const squareOf = (shell: number) => shellToResolutionA(shell, boxPx, pixelSizeA) ** -2;
  const count = curves.original.length;
  const lines = [
    { label: "average of the half maps", values: curves.original },
    ...(curves.mtfCorrected === curves.original ? [] : [{ label: "divided by the MTF", values: curves.mtfCorrected }]),
    { label: "FSC-weighted", values: curves.weighted },
    { label: "sharpened", values: curves.sharpened },
  ].map((line, i) => ({ ...line, colour: PLOT_COLOURS[i % PLOT_COLOURS.length]! }));
  const all = lines.flatMap(({ values }) => Array.from(values).slice(1).filter(Number.isFinite));
  const yRange = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))] as const;
  const xRange = [0, squareOf(count - 1)] as const;
  const frame = plotFrame({
    ...options,
    xRange,
    yRange,
    xLabel: "resolution (Å), linear in 1/Å²",
    yLabel: "ln |F|",
    xTicks: ticks(xRange[1], options.width),
  });
  const parts = lines.map(({ values, colour }) => {
    const points = Array.from(values, (value, shell) => [squareOf(shell), value] as const)
      .slice(1)
      .filter(([, value]) => Number.isFinite(value))
      .map(([x, value]) => `${place(frame.x(x))},${place(frame.y(value))}`);
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const entries: { label: string; colour: string }[] = [...lines];
  if (fit) {
    const [from, to] = [squareOf(fit.firstShell), squareOf(fit.lastShell)];
    const value = (square: number) => fit.intercept + (fit.bFactorA2 / 4) * square;
    parts.push(
      `<line x1="${place(frame.x(from))}" y1="${place(frame.y(value(from)))}" x2="${place(frame.x(to))}" ` +
        `y2="${place(frame.y(value(to)))}" stroke="#000" stroke-width="1.5" stroke-dasharray="6 4"/>`,
    );
    entries.push({ label: `fit: B = ${fit.bFactorA2.toFixed(1)} Å²`, colour: "#000" });
  }
  return `<g>${[frame.svg, ...parts, plotLegend(entries, frame.right - 8, frame.top + 18)].join("\n")}</g>`;
}

function ticks(lastSquare: number, width: number): PlotTick[] {
  const kept: PlotTick[] = [];
  const room = (lastSquare * TICK_ROOM) / (width - 72);
  for (const resolutionA of TICKS_A) {
    const at = resolutionA ** -2;
    if (at > lastSquare || at - (kept.at(-1)?.at ?? 0) < room) continue;
    kept.push({ at, text: String(resolutionA) });
  }
  return kept;
}
