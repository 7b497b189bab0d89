import { escapeText } from "../map/svg-text.ts";

/** Size of a plot in its own units; the page scales it to the column it stands in. */
export const PLOT_WIDTH = 480;
export const PLOT_HEIGHT = 300;
const MARGIN = { left: 64, right: 18, top: 14, bottom: 50 };
export const PLOT_AREA = {
  left: MARGIN.left,
  top: MARGIN.top,
  width: PLOT_WIDTH - MARGIN.left - MARGIN.right,
  height: PLOT_HEIGHT - MARGIN.top - MARGIN.bottom,
} as const;

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface PlotAxis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
  readonly label: string;
}

/** A curve; its class is a colour of the page's style sheet (s1 … s4). */
export interface PlotLine {
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style: string;
  readonly hasDots?: boolean;
  /** What a pointer resting on a dot reads. */
  readonly titles?: readonly string[];
}

export interface PlotSpec {
  /** What the picture shows, for those who cannot see it. */
  readonly title: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly lines?: readonly PlotLine[];
  /** Horizontal dashed lines. */
  readonly levels?: readonly Tick[];
  /** Shaded ranges of x. */
  readonly bands?: readonly { readonly from: number; readonly to: number; readonly text: string }[];
  /** Bars between x values. */
  readonly bars?: readonly { readonly from: number; readonly to: number; readonly height: number }[];
}

/** An SVG of axes, shaded bands, bars and curves. */
export function plot({ title, x, y, lines = [], levels = [], bands = [], bars = [] }: PlotSpec): string {
  const { left, top, width, height } = PLOT_AREA;
  const px = (value: number): string => (left + (width * (value - x.from)) / (x.to - x.from)).toFixed(1);
  const py = (value: number): string => {
    const inside = Math.min(Math.max(value, Math.min(y.from, y.to)), Math.max(y.from, y.to));
    return (top + height * (1 - (inside - y.from) / (y.to - y.from))).toFixed(1);
  };
  const bottom = top + height;
  const parts = [
    ...bands.map(({ from, to, text }) => {
      const middle = ((Number(px(from)) + Number(px(to))) / 2).toFixed(1);
      const span = Number(px(to)) - Number(px(from));
      const name = span > 34 ? `<text class="band-name" x="${middle}" y="${top + 13}">${escapeText(text)}</text>` : "";
      return `<rect class="band" x="${px(from)}" y="${top}" width="${span.toFixed(1)}" height="${height}"/>${name}`;
    }),
    ...y.ticks.map(
      ({ at, text }) =>
        `<line class="grid" x1="${left}" x2="${left + width}" y1="${py(at)}" y2="${py(at)}"/>` +
        `<text class="tick-y" x="${left - 8}" y="${(Number(py(at)) + 4).toFixed(1)}">${escapeText(text)}</text>`,
    ),
    ...bars.map(({ from, to, height: value }) => {
      const wide = Math.max(0.5, Number(px(to)) - Number(px(from)) - 1);
      return `<rect class="bar" x="${px(from)}" y="${py(value)}" width="${wide.toFixed(1)}" height="${(bottom - Number(py(value))).toFixed(1)}"/>`;
    }),
    `<line class="axis" x1="${left}" x2="${left + width}" y1="${bottom}" y2="${bottom}"/>`,
    ...x.ticks.map(
      ({ at, text }) =>
        `<line class="axis" x1="${px(at)}" x2="${px(at)}" y1="${bottom}" y2="${bottom + 5}"/>` +
        `<text class="tick-x" x="${px(at)}" y="${bottom + 19}">${escapeText(text)}</text>`,
    ),
    ...levels.map(
      ({ at, text }) =>
        `<line class="level" x1="${left}" x2="${left + width}" y1="${py(at)}" y2="${py(at)}"/>` +
        `<text class="level-name" x="${left + width - 4}" y="${(Number(py(at)) - 5).toFixed(1)}">${escapeText(text)}</text>`,
    ),
    ...lines.map((line) => curve(line, px, py)),
    `<text class="label" x="${left + width / 2}" y="${PLOT_HEIGHT - 8}">${escapeText(x.label)}</text>`,
    `<text class="label" transform="translate(11 ${top + height / 2}) rotate(-90)">${escapeText(y.label)}</text>`,
  ];
  return figureSvg(title, PLOT_WIDTH, PLOT_HEIGHT, parts.join(""));
}

export function figureSvg(title: string, width: number, height: number, body: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img"><title>${escapeText(title)}</title>${body}</svg>`;
}

function curve(line: PlotLine, px: (x: number) => string, py: (y: number) => string): string {
  const points = line.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const path = points.map(([x, y]) => `${px(x)},${py(y)}`).join(" ");
  const dots = line.hasDots
    ? points.map(([x, y], i) => {
        const words = line.titles?.[i];
        const title = words === undefined ? "" : `<title>${escapeText(words)}</title>`;
        return `<circle class="dot ${line.style}" cx="${px(x)}" cy="${py(y)}" r="3">${title}</circle>`;
      })
    : [];
  return `<polyline class="curve ${line.style}" points="${path}"/>${dots.join("")}`;
}

/** Round steps (1, 2, 5 × 10ⁿ) over a range. */
export function roundTicks(from: number, to: number, most: number): Tick[] {
  const span = to - from;
  if (!(span > 0)) return [{ at: from, text: tickText(from, 1) }];
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw * 0.999) ?? 10 * power;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * span; i++) {
    ticks.push({ at: i * step, text: tickText(i * step, step) });
  }
  return ticks;
}

function tickText(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (Math.abs(value) >= 1e4 && Math.abs(value) < 1e7 && step >= 100) return `${Number((value / 1e3).toFixed(1))}k`;
  const text =
    Math.abs(value) >= 1e5 ? value.toExponential(0).replace("e+", "e") : value.toFixed(Math.min(6, decimals));
  return text.replace(/^-0(\.0*)?$/, "0").replace("-", "−");
}
