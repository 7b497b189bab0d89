import { estimateDefocus } from "../posterior/defocus-prior.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { gatherBlockRows } from "./block-share.ts";
import { defocusGridOf } from "./defocus-plan.ts";
import { REJECTED } from "./rejection.ts";
import type { RunContext } from "./run-context.ts";
import { type DefocusState, makeDefocusState, type RefinementState } from "./state.ts";
import { blocksOf } from "./update-model.ts";

/** Particles less likely to be good say nothing about their micrograph. */
const FEWEST_GOOD = 0.5;
/** Slope and curvature of each of the two components. */
const ASTIGMATISM_FIELDS = 4;

/** New defocus and astigmatism from the curves of a round, each half-set from its own particles. */
export async function updateDefocus(
  context: RunContext,
  state: RefinementState,
  store: PosteriorStore,
  good: Float32Array,
  rejected: Uint8Array,
): Promise<DefocusState> {
  const { data } = context;
  const grid = defocusGridOf(context);
  const before = state.defocus ?? makeDefocusState(data.table.count);
  const next: DefocusState = {
    changeA: before.changeA.slice(),
    sdA: before.sdA.slice(),
    astigmatismA: before.astigmatismA.slice(),
    priors: [...before.priors],
  };
  const micrographs = Math.max(1, data.table.micrographNames.length);
  for (const half of [0, 1] as const) {
    const rows = data.halves[half];
    const width = grid.count + ASTIGMATISM_FIELDS;
    // Rows of all particles of the half-set, whichever rank has their blocks.
    const found = new Float32Array(rows.length * width);
    for await (const block of blocksOf(context, store, half)) {
      if (block.defocus === undefined) continue;
      const { curve, astigmatism } = block.defocus;
      block.particles.forEach((_, i) => {
        const at = (block.index * context.blockSize + i) * width;
        found.set(curve.subarray(i * grid.count, (i + 1) * grid.count), at);
        found.set(astigmatism.subarray(i * ASTIGMATISM_FIELDS, (i + 1) * ASTIGMATISM_FIELDS), at + grid.count);
      });
    }
    await gatherBlockRows(context, found, rows.length);
    const curves = new Float32Array(rows.length * grid.count);
    const slopes = new Float64Array(ASTIGMATISM_FIELDS * micrographs);
    const isUsed = new Uint8Array(rows.length);
    rows.forEach((particle, i) => {
      curves.set(found.subarray(i * width, i * width + grid.count), i * grid.count);
      isUsed[i] = rejected[particle] === REJECTED.none && good[particle]! >= FEWEST_GOOD ? 1 : 0;
      if (!isUsed[i]) return;
      const at = ASTIGMATISM_FIELDS * data.table.micrograph[particle]!;
      for (let k = 0; k < ASTIGMATISM_FIELDS; k++) slopes[at + k]! += found[i * width + grid.count + k]!;
    });
    const micrograph = Int32Array.from(rows, (p) => data.table.micrograph[p]!);
    const estimate = estimateDefocus(curves, grid, micrograph, micrographs, isUsed);
    const { stepsA, sigmaA } = astigmatismSteps(slopes, before.astigmatismA, rows, micrograph);
    rows.forEach((particle, i) => {
      next.changeA[particle] = estimate.meanA[i]!;
      next.sdA[particle] = estimate.sdA[i]!;
      for (let c = 0; c < 2; c++) next.astigmatismA[2 * particle + c] = stepsA[2 * micrograph[i]! + c]!;
    });
    next.priors[half] = {
      particleSigmaA: estimate.particleSigmaA,
      micrographSigmaA: estimate.groupSigmaA,
      astigmatismSigmaA: sigmaA,
    };
  }
  context.log.event("defocus.estimated", {
    round: state.round + 1,
    particleSigmaA: next.priors.map((prior) => prior?.particleSigmaA),
    micrographSigmaA: next.priors.map((prior) => prior?.micrographSigmaA),
    astigmatismSigmaA: next.priors.map((prior) => prior?.astigmatismSigmaA),
    rmsChangeA: rms(next.changeA),
    movedA: movedA(state, next),
  });
  return next;
}

/** Root mean square change of defocus from the start of a round to its end, Å. */
export function movedA(state: RefinementState, next: DefocusState): number {
  return rms(next.changeA.map((value, i) => value - (state.defocus?.changeA[i] ?? 0)));
}

function rms(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum / Math.max(values.length, 1));
}

/**
 * Change of each micrograph's astigmatism (two components, Å, in all) by one Newton step from its particles' slopes and curvatures, shrunk
 * to a prior N(0, σA²) whose width makes the steps most probable by their second moment.
 */
function astigmatismSteps(slopes: Float64Array, current: Float32Array, rows: Int32Array, micrograph: Int32Array) {
  const count = slopes.length / 4;
  const now = new Float64Array(2 * count);
  rows.forEach((particle, i) => {
    for (let c = 0; c < 2; c++) now[2 * micrograph[i]! + c] = current[2 * particle + c]!;
  });
  let [squares, noise, weights] = [0, 0, 0];
  for (let k = 0; k < 2 * count; k++) {
    const curvature = slopes[2 * k + 1]!;
    if (!(curvature > 0)) continue;
    const target = now[k]! + slopes[2 * k]! / curvature;
    // Weighted by the square of the precision: micrographs that cannot tell do not count.
    squares += curvature ** 2 * target ** 2;
    noise += curvature ** 2 / curvature;
    weights += curvature ** 2;
  }
  const variance = weights > 0 ? Math.max(0, (squares - noise) / weights) : 0;
  const stepsA = new Float64Array(2 * count);
  for (let k = 0; k < 2 * count; k++) {
    const curvature = slopes[2 * k + 1]!;
    if (!(curvature > 0) || !(variance > 0)) continue;
    const target = now[k]! + slopes[2 * k]! / curvature;
    stepsA[k] = (target * curvature) / (curvature + 1 / variance);
  }
  return { stepsA, sigmaA: Math.sqrt(variance) };
}
