/** Values as colours. */

import { place, plotText } from "./plot-frame.ts";

/** Dark blue to yellow, even in lightness (after viridis, van der Walt & Smith 2015). */
const SCALE = ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"] as const;

/** Colours told apart: more would not be seen, and equal neighbours are drawn as one. */
const LEVELS = 48;

/** CSS colour of a value; those beyond the range take its ends. */
export function colourOf(value: number, [low, high]: readonly [number, number]): string {
  const exact = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
  const share = Math.round(exact * LEVELS) / LEVELS;
  const step = share * (SCALE.length - 1);
  const index = Math.min(SCALE.length - 2, Math.floor(step));
  const mix = (channel: number) => {
    const [a, b] = [SCALE[index]!, SCALE[index + 1]!].map((hex) =>
      Number.parseInt(hex.slice(channel, channel + 2), 16),
    );
    return Math.round(a! + (step - index) * (b! - a!));
  };
  return `rgb(${mix(1)},${mix(3)},${mix(5)})`;
}

/** The scale in the middle of a width, 20 units high, with the values of its ends. */
export function colourScaleBar(
  left: number,
  top: number,
  width: number,
  range: readonly [number, number],
  unit: string,
): string {
  const barLeft = left + width * 0.3;
  const barWidth = width * 0.4;
  const steps = 40;
  const [low, high] = range;
  const boxes = Array.from({ length: steps }, (_, i) => {
    const value = low + ((high - low) * (i + 0.5)) / steps;
    return `<rect x="${place(barLeft + (barWidth * i) / steps)}" y="${top + 6}" width="${place(barWidth / steps + 0.5)}" height="9" fill="${colourOf(value, range)}"/>`;
  });
  const text = (value: number) => String(Number(value.toPrecision(3)));
  return [
    ...boxes,
    plotText(barLeft - 6, top + 15, text(low), "end"),
    plotText(barLeft + barWidth + 6, top + 15, `${text(high)} ${unit}`, "start"),
  ].join("\n");
}

/** Runs of equal colours of a row; null is left out. */
export function runsOf(colours: readonly (string | null)[]): { first: number; end: number; colour: string }[] {
  const runs: { first: number; end: number; colour: string }[] = [];
  for (let i = 0; i < colours.length; i++) {
    const colour = colours[i]!;
    const last = runs.at(-1);
    if (colour === null) continue;
    if (last?.colour === colour && last.end === i) last.end = i + 1;
    else runs.push({ first: i, end: i + 1, colour });
  }
  return runs;
}
