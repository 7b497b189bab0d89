import { shellToResolutionA } from "../geometry/shells.ts";
import { type PlotAxis, type PlotLine, plot, roundTicks, type Tick } from "./plot.ts";
import type { FscNumbers, Histogram, NoiseNumbers, RoundNumbers } from "./run-numbers.ts";

/** Resolutions that get a label where there is room. */
const TICKS_A = [200, 100, 50, 30, 20, 15, 12, 10, 9, 8, 7, 6, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.8, 1.6, 1.4, 1.2, 1];
/** Least distance of two labels, as a share of the axis. */
const TICK_ROOM = 0.11;

/** Spatial frequency, linear, labelled in Å; the finest resolution is always named. */
function resolutionAxis(lastShell: number, boxPx: number, pixelSizeA: number): PlotAxis {
  const ticks: Tick[] = [];
  const finestA = shellToResolutionA(lastShell, boxPx, pixelSizeA);
  for (const resolutionA of TICKS_A) {
    const at = (boxPx * pixelSizeA) / resolutionA;
    const before = ticks.at(-1)?.at ?? 0;
    const room = TICK_ROOM * lastShell;
    if (at - before >= room * 0.8 && lastShell - at >= room) ticks.push({ at, text: String(resolutionA) });
  }
  ticks.push({ at: lastShell, text: String(Number(finestA.toFixed(finestA < 10 ? 2 : 1))) });
  return { from: 0, to: lastShell, ticks, label: "resolution (Å)" };
}

const fixed = (value: number, digits: number): string => value.toFixed(digits);

/** FSC between the half maps. */
export function fscFigure(fsc: FscNumbers, boxPx: number, pixelSizeA: number): string {
  const curves = [
    [fsc.randomised, "s4"],
    [fsc.unmasked, "s3"],
    [fsc.masked, "s2"],
    [fsc.corrected, "s1"],
  ] as const;
  const lines = curves.flatMap(([values, style]): PlotLine[] =>
    values === null ? [] : [{ style, points: values.map((value, shell) => [shell, value] as const) }],
  );
  const lowest = Math.min(0, ...lines.flatMap((line) => line.points.map(([, y]) => y)).filter(Number.isFinite));
  return plot({
    title: "Fourier shell correlation between the half maps against resolution",
    x: resolutionAxis(fsc.unmasked.length - 1, boxPx, pixelSizeA),
    y: {
      from: lowest < -0.02 ? Math.max(-1, Math.floor(lowest * 10) / 10) : 0,
      to: 1,
      ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(at) })),
      label: "FSC",
    },
    levels: [
      { at: 0.143, text: "0.143" },
      { at: 0.5, text: "0.5" },
    ],
    lines,
  });
}

/** Resolution reached in each round. */
export function resolutionFigure(rounds: readonly RoundNumbers[], finestA: number): string {
  const all = rounds.flatMap((r) => [r.resolution05A, r.resolution0143A]).filter((a) => a > 0 && Number.isFinite(a));
  const coarsest = Math.max(...all, finestA * 1.5);
  // Linear in 1/Å, as the FSC is.
  const from = 0.8 / coarsest;
  const to = 1.14 / finestA;
  const ticks: Tick[] = [];
  for (const resolutionA of TICKS_A) {
    const at = 1 / resolutionA;
    if (at < from || at > 1.001 / finestA || at - (ticks.at(-1)?.at ?? 0) < 0.09 * (to - from)) continue;
    ticks.push({ at, text: String(resolutionA) });
  }
  const line = (style: string, pick: (r: RoundNumbers) => number, name: string): PlotLine => ({
    style,
    hasDots: rounds.length <= 40,
    points: rounds.map((r) => [r.round, 1 / pick(r)] as const),
    titles: rounds.map((r) => `round ${r.round}, ${r.stage}: ${fixed(pick(r), 2)} Å (${name})`),
  });
  return plot({
    title: "Resolution of the unmasked half maps by round",
    x: roundAxis(rounds),
    y: { from, to, ticks, label: "resolution (Å)" },
    levels: [{ at: 1 / finestA, text: "Nyquist" }],
    bands: stageBands(rounds),
    lines: [line("s3", (r) => r.resolution05A, "FSC 0.5"), line("s1", (r) => r.resolution0143A, "FSC 0.143")],
  });
}

/** Median movement of orientations in each round, and the clouds' width. */
export function movementFigure(rounds: readonly RoundNumbers[]): string {
  const positive = rounds.flatMap((r) => [r.movedDeg, r.rotationSdDeg ?? 0]).filter((deg) => deg > 0);
  const low = Math.floor(Math.log10(Math.min(1, ...positive)));
  const high = Math.ceil(Math.log10(Math.max(1, ...positive)));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => ({
    at: low + i,
    text: low + i >= 0 ? String(10 ** (low + i)) : (10 ** (low + i)).toFixed(-(low + i)),
  }));
  const line = (style: string, pick: (r: RoundNumbers) => number | null, name: string): PlotLine => ({
    style,
    hasDots: rounds.length <= 40,
    points: rounds.map((r) => [r.round, Math.log10(pick(r) ?? Number.NaN)] as const),
    titles: rounds.filter((r) => (pick(r) ?? 0) > 0).map((r) => `round ${r.round}: ${name} ${fixed(pick(r)!, 3)}°`),
  });
  return plot({
    title: "Median change of orientation by round",
    x: roundAxis(rounds),
    y: { from: low, to: high, ticks, label: "degrees" },
    bands: stageBands(rounds),
    lines: [line("s3", (r) => r.rotationSdDeg, "width of the cloud"), line("s1", (r) => r.movedDeg, "moved")],
  });
}

function roundAxis(rounds: readonly RoundNumbers[]): PlotAxis {
  const [first, last] = [rounds[0]?.round ?? 1, rounds.at(-1)?.round ?? 1];
  const ticks = roundTicks(first, last, 10).filter(({ at }) => Number.isInteger(at));
  return {
    from: first - 0.5,
    to: last + 0.5,
    ticks: ticks.length > 0 ? ticks : [{ at: first, text: String(first) }],
    label: "round",
  };
}

/** Every second run of equal stages is shaded. */
function stageBands(rounds: readonly RoundNumbers[]): { from: number; to: number; text: string }[] {
  const runs: { from: number; to: number; text: string }[] = [];
  for (const { round, stage } of rounds) {
    const last = runs.at(-1);
    if (last?.text === stage) last.to = round + 0.5;
    else runs.push({ from: round - 0.5, to: round + 0.5, text: stage });
  }
  return runs;
}

/** Noise spectra over their own mean. */
export function noiseFigure(noise: readonly NoiseNumbers[], boxPx: number, pixelSizeA: number): string {
  const lastShell = Math.max(1, ...noise.map((group) => group.half1.length - 1));
  const lines = noise.slice(0, 12).flatMap((group, i): PlotLine[] =>
    [group.half1, group.half2].map((values, half) => {
      const mean = values.slice(1).reduce((sum, value) => sum + value, 0) / Math.max(1, values.length - 1);
      return {
        style: noise.length === 1 ? (half === 0 ? "s1" : "s2") : `g${i % 6}`,
        points: values.map((value, shell) => [shell, value / mean] as const).slice(1),
      };
    }),
  );
  const most = Math.max(1.2, ...lines.flatMap((line) => line.points.map(([, y]) => y)).filter(Number.isFinite));
  return plot({
    title: "Noise variance against resolution, over its mean",
    x: resolutionAxis(lastShell, boxPx, pixelSizeA),
    y: { from: 0, to: most * 1.05, ticks: roundTicks(0, most * 1.05, 5), label: "noise power / mean" },
    lines,
  });
}

/** A histogram with its axis. */
export function histogramFigure(histogram: Histogram, title: string, label: string): string {
  const { from, to, counts } = histogram;
  const most = Math.max(1, ...counts);
  const step = (to - from) / counts.length;
  return plot({
    title,
    x: { from, to, ticks: roundTicks(from, to, 6), label },
    y: { from: 0, to: most * 1.06, ticks: roundTicks(0, most, 4), label: "particles" },
    bars: counts.map((height, i) => ({ from: from + i * step, to: from + (i + 1) * step, height })),
  });
}
