import type { PointGroup } from "../geometry/point-group.ts";
import type { StarTable } from "../io/star/table.ts";
import { readNames } from "../particles/image-names.ts";
import { histogramOf } from "./histogram.ts";
import type { MicrographNumbers, ParticleNumbers, ShiftNumbers } from "./run-numbers.ts";
import { viewDensity } from "./view-density.ts";

const RAD_PER_DEG = Math.PI / 180;
const BINS = 40;
const GOOD = 0.5;
const SHIFT_SIDE = 41;
/** Share of the particles that the shift figure's edge holds. */
const SHIFT_SHARE = 0.995;
/** Micrographs listed, and the fewest particles that say something of one. */
const LISTED_MICROGRAPHS = 12;
const FEWEST_PER_MICROGRAPH = 5;

/** What run_data.star says of the particles; a figure whose columns are missing is null. */
export function particleNumbers(table: StarTable, group: PointGroup): ParticleNumbers {
  const numbers = (label: string): Float64Array | undefined => (table.has(label) ? table.numbers(label) : undefined);
  const good = numbers("vitGoodProbability");
  const subset = numbers("rlnRandomSubset");
  const [u, v] = [numbers("rlnDefocusU"), numbers("rlnDefocusV")];
  const [rot, tilt] = [numbers("rlnAngleRot"), numbers("rlnAngleTilt")];
  const [x, y] = [numbers("rlnOriginXAngst"), numbers("rlnOriginYAngst")];
  const likelihood = numbers("rlnLogLikeliContribution");
  const largest = numbers("rlnMaxValueProbDistribution");
  const inHalf = (half: number): number => subset?.reduce((sum, value) => sum + (value === half ? 1 : 0), 0) ?? 0;
  return {
    halfCounts: [inHalf(1), inHalf(2)],
    goodCount: good?.reduce((sum, value) => sum + (value >= GOOD ? 1 : 0), 0) ?? null,
    goodProbability: good ? histogramOf(good, BINS, [0, 1]) : null,
    maxProbability: largest ? histogramOf(largest, BINS) : null,
    logLikelihood: likelihood ? histogramOf(likelihood, BINS) : null,
    defocusUm:
      u && v
        ? histogramOf(
            u.map((value, i) => (value + v[i]!) / 2e4),
            BINS,
          )
        : null,
    shifts: x && y ? shiftNumbers(x, y) : null,
    views:
      rot && tilt
        ? viewDensity(
            rot.map((deg) => deg * RAD_PER_DEG),
            tilt.map((deg) => deg * RAD_PER_DEG),
            group,
          )
        : null,
  };
}

function shiftNumbers(x: Float64Array, y: Float64Array): ShiftNumbers | null {
  const lengths = x
    .map((value, i) => Math.hypot(value, y[i]!))
    .filter(Number.isFinite)
    .sort();
  if (lengths.length === 0) return null;
  const limitA = Math.max(1, 1.1 * lengths[Math.floor(SHIFT_SHARE * (lengths.length - 1))]!);
  const counts = new Array<number>(SHIFT_SIDE * SHIFT_SIDE).fill(0);
  const cellOf = (value: number): number => Math.floor((SHIFT_SIDE * (value + limitA)) / (2 * limitA));
  for (let i = 0; i < x.length; i++) {
    // The particle lies at minus its origin.
    const [column, row] = [cellOf(-x[i]!), cellOf(-y[i]!)];
    if (column >= 0 && column < SHIFT_SIDE && row >= 0 && row < SHIFT_SIDE) counts[row * SHIFT_SIDE + column]!++;
  }
  return { limitA, side: SHIFT_SIDE, counts, medianA: lengths[lengths.length >> 1]! };
}

/** The micrographs whose particles are least often good, worst first. */
export function worstMicrographs(table: StarTable): MicrographNumbers[] {
  if (!table.has("rlnMicrographName") || !table.has("vitGoodProbability")) return [];
  const { names, index } = readNames(table, "rlnMicrographName");
  const good = table.numbers("vitGoodProbability");
  const counts = new Float64Array(names.length);
  const sums = new Float64Array(names.length);
  for (let row = 0; row < table.rowCount; row++) {
    counts[index[row]!]!++;
    sums[index[row]!]! += good[row]!;
  }
  return names
    .map((name, i) => ({ name, particleCount: counts[i]!, goodShare: sums[i]! / counts[i]! }))
    .filter(({ particleCount }) => particleCount >= FEWEST_PER_MICROGRAPH)
    .sort((a, b) => a.goodShare - b.goodShare)
    .slice(0, LISTED_MICROGRAPHS);
}
