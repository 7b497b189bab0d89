/**
 * Defocus changes of the particles of one half-set from their log-likelihood curves, under the prior that a particle lies around its
 * micrograph and a micrograph around 0: z_i = m_g(i) + d_i, m ~ N(0, σM²), d ~ N(0, σZ²), in Å. σM and σZ are those that make
 * the data most probable; the change reported is the posterior mean, so it shrinks to the prior where an image cannot tell.
 *
 * A curve enters the estimate of m, σM and σZ through the Gaussian that turns the prior into the same mean and variance as the
 * curve itself does (its site), and the result through the curve itself.
 */

/** Changes z of defocus that curves are given at: firstA + i·stepA. */
export interface DefocusGrid {
  readonly count: number;
  readonly firstA: number;
  readonly stepA: number;
}

export interface DefocusEstimate {
  /** [particles] posterior mean and standard deviation, Å. */
  readonly meanA: Float64Array;
  readonly sdA: Float64Array;
  /** [groups] m, Å. */
  readonly groupA: Float64Array;
  /** σZ and σM, Å. */
  readonly particleSigmaA: number;
  readonly groupSigmaA: number;
}

const ITERATIONS = 6;
/** σ that are looked at, Å. */
const SIGMA_RANGE_A = [1, 3000] as const;
/** Precision of a curve that says nothing, 1/Å². */
const FLAT = 1e-9;

/** A grid over ±rangeA, its step close to stepA. */
export function makeDefocusGrid(rangeA: number, stepA: number): DefocusGrid {
  const half = Math.max(2, Math.ceil(rangeA / stepA));
  return { count: 2 * half + 1, firstA: -rangeA, stepA: rangeA / half };
}

/**
 * @param curves  [particles][grid.count] log-likelihood of each change, up to a constant per particle
 * @param group  [particles] micrograph
 * @param isUsed  [particles] 0: takes no part in m, σM and σZ (a bad particle, or one that failed)
 */
export function estimateDefocus(
  curves: ArrayLike<number>,
  grid: DefocusGrid,
  group: ArrayLike<number>,
  groupCount: number,
  isUsed: ArrayLike<number>,
): DefocusEstimate {
  const count = group.length;
  const sites = { mean: new Float64Array(count), variance: new Float64Array(count).fill(1 / FLAT) };
  const groupA = new Float64Array(groupCount);
  const reachA = -grid.firstA;
  let width = reachA / 3;
  let sigma = { particle: reachA / 3, group: reachA / 3 };
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    for (let i = 0; i < count; i++) {
      if (!isUsed[i]) continue;
      const centre = groupA[group[i]!]!;
      const { mean, variance } = tiltedMoments(curves, i * grid.count, grid, centre, width);
      const precision = Math.max(1 / variance - 1 / width ** 2, FLAT);
      sites.variance[i] = 1 / precision;
      sites.mean[i] = precision > FLAT ? (mean / variance - centre / width ** 2) / precision : centre;
    }
    sigma = mostProbableSigmas(sites, group, groupCount, isUsed, sigma);
    groupMeansInto(groupA, sites, group, isUsed, sigma);
    const spreads = Float64Array.from(sites.variance.filter((v) => v < 0.5 / FLAT)).sort();
    const typical = spreads.length > 0 ? Math.sqrt(spreads[spreads.length >> 1]!) : reachA / 3;
    width = Math.min(Math.max(sigma.particle, typical, 2 * grid.stepA), reachA / 2);
  }
  const meanA = new Float64Array(count);
  const sdA = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const centre = groupA[group[i]!]!;
    const posterior =
      sigma.particle >= grid.stepA
        ? tiltedMoments(curves, i * grid.count, grid, centre, sigma.particle)
        : shrunk(sites.mean[i]!, sites.variance[i]!, centre, sigma.particle);
    meanA[i] = isUsed[i] ? posterior.mean : centre;
    sdA[i] = isUsed[i] ? Math.sqrt(posterior.variance) : sigma.particle;
  }
  return { meanA, sdA, groupA, particleSigmaA: sigma.particle, groupSigmaA: sigma.group };
}

/** Mean and variance of curve × N(centre, width²). */
function tiltedMoments(curves: ArrayLike<number>, offset: number, grid: DefocusGrid, centre: number, width: number) {
  let best = Number.NEGATIVE_INFINITY;
  const logWeights = new Float64Array(grid.count);
  for (let d = 0; d < grid.count; d++) {
    const z = (grid.firstA + d * grid.stepA - centre) / width;
    logWeights[d] = curves[offset + d]! - 0.5 * z * z;
    best = Math.max(best, logWeights[d]!);
  }
  let [sum, first, second] = [0, 0, 0];
  for (let d = 0; d < grid.count; d++) {
    const weight = Math.exp(logWeights[d]! - best);
    const z = grid.firstA + d * grid.stepA;
    sum += weight;
    first += weight * z;
    second += weight * z * z;
  }
  const mean = first / sum;
  // A twelfth of the step squared: no point of a grid is known better than its cell.
  return { mean, variance: Math.max(second / sum - mean * mean, 0) + grid.stepA ** 2 / 12 };
}

function shrunk(mean: number, variance: number, centre: number, sigma: number) {
  const precision = 1 / variance + 1 / sigma ** 2;
  return { mean: (mean / variance + centre / sigma ** 2) / precision, variance: 1 / precision };
}

interface Sites {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}
interface Sigmas {
  readonly particle: number;
  readonly group: number;
}

function mostProbableSigmas(
  sites: Sites,
  group: ArrayLike<number>,
  groupCount: number,
  isUsed: ArrayLike<number>,
  start: Sigmas,
): Sigmas {
  let { particle, group: groupSigma } = start;
  const value = (a: number, b: number) => logEvidence(sites, group, groupCount, isUsed, { particle: a, group: b });
  for (let turn = 0; turn < 3; turn++) {
    particle = largestOnLogScale((sigma) => value(sigma, groupSigma));
    groupSigma = largestOnLogScale((sigma) => value(particle, sigma));
  }
  return { particle, group: groupSigma };
}

/** Log probability of all sites, m integrated out. */
function logEvidence(
  sites: Sites,
  group: ArrayLike<number>,
  groupCount: number,
  isUsed: ArrayLike<number>,
  sigma: Sigmas,
): number {
  const weight = new Float64Array(groupCount);
  const weighted = new Float64Array(groupCount);
  let sum = 0;
  for (let i = 0; i < group.length; i++) {
    if (!isUsed[i]) continue;
    const w = 1 / (sites.variance[i]! + sigma.particle ** 2);
    const mean = sites.mean[i]!;
    weight[group[i]!]! += w;
    weighted[group[i]!]! += w * mean;
    sum += 0.5 * Math.log(w) - 0.5 * w * mean * mean;
  }
  for (let g = 0; g < groupCount; g++) {
    sum += (0.5 * weighted[g]! ** 2) / (weight[g]! + 1 / sigma.group ** 2);
    sum -= 0.5 * Math.log1p(sigma.group ** 2 * weight[g]!);
  }
  return sum;
}

function groupMeansInto(
  out: Float64Array,
  sites: Sites,
  group: ArrayLike<number>,
  isUsed: ArrayLike<number>,
  sigma: Sigmas,
): void {
  const weight = new Float64Array(out.length).fill(1 / sigma.group ** 2);
  out.fill(0);
  for (let i = 0; i < group.length; i++) {
    if (!isUsed[i]) continue;
    const w = 1 / (sites.variance[i]! + sigma.particle ** 2);
    weight[group[i]!]! += w;
    out[group[i]!]! += w * sites.mean[i]!;
  }
  for (let g = 0; g < out.length; g++) out[g]! /= weight[g]!;
}

/** σ of the largest value: a coarse look over the whole range, then golden section around the best. */
function largestOnLogScale(value: (sigma: number) => number): number {
  const [low, high] = [Math.log(SIGMA_RANGE_A[0]), Math.log(SIGMA_RANGE_A[1])];
  const looks = 17;
  const step = (high - low) / (looks - 1);
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < looks; k++) {
    const found = value(Math.exp(low + k * step));
    if (found > bestValue) [best, bestValue] = [k, found];
  }
  let from = low + Math.max(0, best - 1) * step;
  let to = low + Math.min(looks - 1, best + 1) * step;
  const ratio = (Math.sqrt(5) - 1) / 2;
  for (let k = 0; k < 14; k++) {
    const a = to - ratio * (to - from);
    const b = from + ratio * (to - from);
    if (value(Math.exp(a)) > value(Math.exp(b))) to = b;
    else from = a;
  }
  return Math.exp((from + to) / 2);
}
