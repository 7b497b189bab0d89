import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { WeightedBlock } from "../maximization/accumulate.ts";
import {
  addBlock,
  makeModelSums,
  sumOverRanks,
  TOTAL,
  updatedScale,
  updatedSigma2,
} from "../maximization/model-update.ts";
import { makeLargest, noteLargest, type SumQuanta, sumQuanta } from "../maximization/sum-quanta.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import { goodProbability } from "../posterior/good-probability.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { gatherBlockRows, ownBlocks } from "./block-share.ts";
import { imageModelOf } from "./image-model-of.ts";
import { REJECTED } from "./rejection.ts";
import { matesInUse } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import type { HalfState, RefinementState } from "./state.ts";

/** What one pass over the posteriors of a round gives. */
export interface ModelUpdate {
  /** Next round's noise, scale and priors; references are set later. */
  readonly halves: readonly [HalfState, HalfState];
  /** Per-particle results. */
  readonly particles: Pick<
    RefinementState,
    "norm" | "rotation" | "shiftPx" | "good" | "logEvidence" | "maxWeight" | "ess" | "rejected" | "mateWeight"
  >;
  /** [particles] p(good) with which each image is inserted. */
  readonly good: Float32Array;
  /** Largest norm correction in use this round. */
  readonly largestNorm: number;
  readonly rotationSdRad: Float32Array;
  readonly shiftSdPx: Float32Array;
}

/** π stays within these, so that no prior is certain. */
const GOOD_SHARE_RANGE = [0.05, 0.999] as const;
/** Norm corrections stay within these factors of the mean. */
const NORM_RANGE = [0.5, 2] as const;
/** What ranks tell each other of a particle: its summary, p(good), residual ratio. */
const ROW_FIELDS = SUMMARY_FIELDS + 2;
/** Below this share of good particles the evidence says nothing yet (a poor reference), and all are inserted alike. */
const FEWEST_GOOD = 0.3;

/** Re-estimates noise, norm, scale, shift prior and share of good particles, each half-set from its own particles. */
export async function updateModel(
  context: RunContext,
  state: RefinementState,
  store: PosteriorStore,
): Promise<ModelUpdate> {
  const { data, band } = context;
  const model = imageModelOf(context, state);
  const n = data.table.count;
  const shellCount = model.shellCount;
  const residualRatio = new Float32Array(n).fill(1);
  const particles = {
    norm: state.norm.slice(),
    rotation: state.rotation.slice(),
    shiftPx: state.shiftPx.slice(),
    good: new Float32Array(n),
    logEvidence: new Float32Array(n),
    maxWeight: new Float32Array(n),
    ess: new Float32Array(n),
    rejected: state.rejected.slice(),
    ...(matesInUse(context, state) ? { mateWeight: new Float32Array(n) } : {}),
  };
  const rotationSdRad = new Float32Array(n);
  const shiftSdPx = new Float32Array(n);
  const halves: HalfState[] = [];
  for (const half of [0, 1] as const) {
    const old = state.halves[half];
    const quanta = await quantaOf(context, store, half, shellCount);
    const sums = makeModelSums(data.noiseGroupCount, data.scaleGroupCount, shellCount, quanta);
    const rows = data.halves[half];
    const found = new Float32Array(rows.length * ROW_FIELDS);
    for await (const block of blocksOf(context, store, half)) {
      const good = goodOf(block, old.goodShare);
      addBlock(sums, block, model, band.band, good, data.scaleGroup, residualRatio);
      block.particles.forEach((p, i) => {
        const at = (block.index * context.blockSize + i) * ROW_FIELDS;
        found.set(block.summary.subarray(i * SUMMARY_FIELDS, (i + 1) * SUMMARY_FIELDS), at);
        found[at + SUMMARY_FIELDS] = good[i]!;
        found[at + SUMMARY_FIELDS + 1] = residualRatio[p]!;
      });
    }
    await sumOverRanks(sums, context.comm);
    await gatherBlockRows(context, found, rows.length);
    rows.forEach((p, i) => {
      const row = found.subarray(i * ROW_FIELDS, (i + 1) * ROW_FIELDS);
      if (row[SUMMARY.failed]! > 0) {
        particles.rejected[p] = REJECTED.noFiniteWeight;
        return;
      }
      particles.rejected[p] = REJECTED.none;
      particles.rotation.set(row.subarray(SUMMARY.rotation, SUMMARY.rotation + 4), 4 * p);
      particles.shiftPx.set(row.subarray(SUMMARY.shiftPx, SUMMARY.shiftPx + 2), 2 * p);
      particles.logEvidence[p] = row[SUMMARY.logEvidence]!;
      particles.maxWeight[p] = row[SUMMARY.maxWeight]!;
      particles.ess[p] = row[SUMMARY.effectiveSampleSize]!;
      if (particles.mateWeight) particles.mateWeight[p] = row[SUMMARY.mateWeight]!;
      rotationSdRad[p] = row[SUMMARY.rotationSdRad]!;
      shiftSdPx[p] = row[SUMMARY.shiftSdPx]!;
      particles.good[p] = row[SUMMARY_FIELDS]!;
      residualRatio[p] = row[SUMMARY_FIELDS + 1]!;
    });
    const [goodSum, shiftSquareSum, usedCount] = [TOTAL.good, TOTAL.shiftSquare, TOTAL.used].map(
      (place) => sums.totals[place]!,
    ) as [number, number, number];
    const goodShare = usedCount > 0 ? goodSum / usedCount : old.goodShare;
    updateNorm(particles.norm, residualRatio, rows, particles.rejected);
    halves.push({
      reference: old.reference,
      sigma2: goodShare >= FEWEST_GOOD ? updatedSigma2(sums, band.band, shellCount, old.sigma2) : old.sigma2,
      groupScale: updatedScale(sums, state.fsc, shellCount),
      shiftSigmaPx: goodSum > 0 ? Math.max(1, Math.sqrt(shiftSquareSum / (2 * goodSum))) : old.shiftSigmaPx,
      goodShare:
        goodShare >= FEWEST_GOOD
          ? Math.min(Math.max(goodShare, GOOD_SHARE_RANGE[0]), GOOD_SHARE_RANGE[1])
          : old.goodShare,
    });
    if (goodShare < FEWEST_GOOD) {
      const message = `half-set ${half + 1}: only ${(100 * goodShare).toFixed(0)} % of the images fit the reference better than noise; all are inserted alike this round.`;
      context.log.event("warning", { message });
      for (const p of rows) if (particles.rejected[p] === REJECTED.none) particles.good[p] = 1;
    }
  }
  const largestNorm = data.halves.reduce((most, rows) => rows.reduce((m, p) => Math.max(m, state.norm[p]!), most), 0);
  return { halves: [halves[0]!, halves[1]!], particles, good: particles.good, largestNorm, rotationSdRad, shiftSdPx };
}

function goodOf(block: PosteriorBlock, goodShare: number): Float32Array {
  return Float32Array.from(block.particles, (_, i) => {
    const row = i * SUMMARY_FIELDS;
    const isFailed = block.summary[row + SUMMARY.failed]! > 0;
    return isFailed ? 0 : goodProbability(block.summary[row + SUMMARY.logEvidence]!, goodShare);
  });
}

/** What contributions to the sums of a half-set are rounded to: needs one look at all blocks before they are added. */
async function quantaOf(
  context: RunContext,
  store: PosteriorStore,
  half: 0 | 1,
  shellCount: number,
): Promise<SumQuanta> {
  const largest = makeLargest(shellCount);
  for await (const block of blocksOf(context, store, half)) noteLargest(largest, block);
  await context.comm.allReduceMax(largest);
  return sumQuanta(largest, context.data.halves[half].length);
}

/** norm ← norm·(mean ratio / ratio)^½: residual power equal in all images of a half-set. */
function updateNorm(norm: Float32Array, ratio: Float32Array, rows: Int32Array, rejected: Uint8Array): void {
  let mean = 0;
  let count = 0;
  for (const p of rows) {
    if (rejected[p] !== REJECTED.none) continue;
    mean += ratio[p]!;
    count++;
  }
  if (count === 0) return;
  mean /= count;
  let total = 0;
  for (const p of rows) {
    if (rejected[p] === REJECTED.none && ratio[p]! > 0) {
      norm[p] = Math.min(Math.max(norm[p]! * Math.sqrt(mean / ratio[p]!), NORM_RANGE[0]), NORM_RANGE[1]);
    }
    total += norm[p]!;
  }
  for (const p of rows) norm[p] = (norm[p]! * rows.length) / total;
}

/** This rank's blocks of a half-set in order. */
export async function* blocksOf(context: RunContext, store: PosteriorStore, half: 0 | 1) {
  const { first, end } = ownBlocks(context, half);
  for (let b = first; b < end; b++) {
    context.signal.throwIfAborted();
    yield await store.read(half, b);
  }
}

/** This rank's blocks with each image's insertion weight. */
export async function* weightedBlocks(
  context: RunContext,
  store: PosteriorStore,
  half: 0 | 1,
  good: Float32Array,
): AsyncGenerator<WeightedBlock> {
  for await (const block of blocksOf(context, store, half)) {
    yield { block, imageWeight: Float32Array.from(block.particles, (p) => good[p]!) };
  }
}
