/** What a run found out about each particle: distributions of the scores in its particle file. */

import type { StarTable } from "../io/star/table.ts";
import { histogramPlot } from "../map/histogram-plot.ts";
import { medianAndDeviation } from "../map/statistics.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";

export interface ParticleScore {
  readonly label: string;
  readonly meaning: string;
  readonly median: number;
  /** Robust standard deviation. */
  readonly deviation: number;
  readonly p05: number;
  readonly p95: number;
  readonly values: Float64Array;
}

const SCORES = [
  { label: "vitGoodProbability", meaning: "probability that the image shows the particle" },
  { label: "rlnLogLikeliContribution", meaning: "log evidence over an empty image" },
  { label: "rlnMaxValueProbDistribution", meaning: "largest weight of a support point" },
  { label: "rlnNrOfSignificantSamples", meaning: "effective number of support points" },
] as const;

/** Scores that the file holds, each as a distribution; none for a file without them. */
export function readParticleScores(table: StarTable): ParticleScore[] {
  return SCORES.filter(({ label }) => table.has(label)).map(({ label, meaning }) =>
    scoreOf(label, meaning, table.numbers(label)),
  );
}

/** A score and its distribution. */
export function scoreOf(label: string, meaning: string, values: Float64Array): ParticleScore {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { label, meaning, ...medianAndDeviation(sorted), p05: at(0.05), p95: at(0.95), values };
}

const PANEL = { width: 380, height: 230 };

export function particleScoresPicture(scores: readonly ParticleScore[], goodShare: number | null): string {
  const notes =
    goodShare === null
      ? []
      : [`${(100 * goodShare).toFixed(1)} % of the particles are good with a probability above one half.`];
  const top = pageTop(notes.length);
  const panels = scores.map((score, i) =>
    histogramPlot(score.values, {
      left: PAGE_GAP + (i % 2) * PANEL.width,
      top: top + Math.floor(i / 2) * PANEL.height,
      ...PANEL,
      xLabel: `${score.label}: ${score.meaning}`,
      yLabel: "particles",
    }),
  );
  return svgPage(panels, {
    width: 2 * PANEL.width + 2 * PAGE_GAP,
    height: top + Math.ceil(scores.length / 2) * PANEL.height + 12,
    title: "Scores of the particles",
    notes,
  });
}

/** Share of particles with vitGoodProbability above ½; null where the file does not have it. */
export function goodShareOf(scores: readonly ParticleScore[]): number | null {
  const good = scores.find(({ label }) => label === "vitGoodProbability");
  return good ? good.values.filter((value) => value > 0.5).length / Math.max(1, good.values.length) : null;
}
