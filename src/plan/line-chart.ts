/** Curves over one axis as an SVG picture, axes linear or logarithmic. */
import { escapeText } from "../map/svg-text.ts";

export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Dots without a line: what was measured. */
  readonly isMeasured?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly isLogX: boolean;
  readonly isLogY: boolean;
}

/** Colours that differ in lightness too (Okabe & Ito 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888", "#000000"];
const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
const WIDTH = 880;
const HEIGHT = 440;
const PLOT = { left: 84, right: 540, top: 48, bottom: 380 };
const LEGEND_LEFT = PLOT.right + 18;
const MOST_TICKS = 7;

/** A whole SVG document. */
export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const points = series.flatMap((s) => s.points);
  const x = axisOf(
    points.map(([value]) => value),
    options.isLogX,
    PLOT.left,
    PLOT.right,
  );
  const y = axisOf(
    points.map(([, value]) => value),
    options.isLogY,
    PLOT.bottom,
    PLOT.top,
  );
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(PLOT.left, 24, options.title, "start", 'font-size="15" font-weight="bold"'),
    ...x.ticks.map(
      (value) =>
        `<line x1="${x.at(value)}" x2="${x.at(value)}" y1="${PLOT.top}" y2="${PLOT.bottom + 5}" stroke="#ddd"/>` +
        text(x.at(value), PLOT.bottom + 20, tickText(value), "middle"),
    ),
    ...y.ticks.map(
      (value) =>
        `<line x1="${PLOT.left - 5}" x2="${PLOT.right}" y1="${y.at(value)}" y2="${y.at(value)}" stroke="#ddd"/>` +
        text(PLOT.left - 9, y.at(value) + 4, tickText(value), "end"),
    ),
    `<rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}" fill="none" stroke="#444"/>`,
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, options.xLabel, "middle"),
    `<text transform="translate(22 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeText(options.yLabel)}</text>`,
    ...series.map((s, i) => curve(s, i, x.at, y.at)),
    ...series.map((s, i) => legend(s, i)),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12">\n${parts.join("\n")}\n</svg>\n`
  );
}

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** Ticks at 1, 2, 5 times powers of ten (linear), or at powers of two or ten (logarithmic); the ends are ticks. */
function axisOf(values: readonly number[], isLog: boolean, from: number, to: number): Axis {
  const usable = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const low = usable.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = usable.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const ticks = isLog ? logTicks(low, high) : linearTicks(Math.min(0, low), high);
  const scale = isLog ? Math.log : (value: number) => value;
  const first = scale(ticks[0]!);
  const span = scale(ticks.at(-1)!) - first || 1;
  return { ticks, at: (value) => Number((from + ((to - from) * (scale(value) - first)) / span).toFixed(1)) };
}

function linearTicks(low: number, high: number): number[] {
  const rough = Math.max(high - low, 1e-12) / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function logTicks(low: number, high: number): number[] {
  const base = high / low > 2 ** (MOST_TICKS + 3) ? 10 : 2;
  const first = Math.floor(Math.log(low) / Math.log(base) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log(high) / Math.log(base) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => base ** (first + i));
}

function tickText(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3) return value.toExponential(0).replace("e+", "e");
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function curve(series: Series, index: number, x: (v: number) => number, y: (v: number) => number): string {
  const colour = COLOURS[index % COLOURS.length]!;
  const shown = series.points.filter(([, value]) => Number.isFinite(value));
  const dots = shown
    .map(([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="${series.isMeasured ? 4.5 : 2.5}" fill="${colour}"/>`)
    .join("");
  if (series.isMeasured) return dots;
  const line = shown.map(([px, py]) => `${x(px)},${y(py)}`).join(" ");
  return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"${dash(index)}/>${dots}`;
}

function legend(series: Series, index: number): string {
  const y = PLOT.top + 14 + 20 * index;
  const colour = COLOURS[index % COLOURS.length]!;
  const mark = series.isMeasured
    ? `<circle cx="${LEGEND_LEFT + 12}" cy="${y - 4}" r="4.5" fill="${colour}"/>`
    : `<line x1="${LEGEND_LEFT}" x2="${LEGEND_LEFT + 24}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dash(index)}/>`;
  return mark + text(LEGEND_LEFT + 30, y, series.label, "start");
}

/** Curves that lie on each other stay visible under a broken one. */
function dash(index: number): string {
  const pattern = DASHES[index % DASHES.length]!;
  return pattern === "" ? "" : ` stroke-dasharray="${pattern}"`;
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end", extra = ""): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${extra === "" ? "" : ` ${extra}`}>${escapeText(content)}</text>`;
}
