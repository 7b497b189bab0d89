import { ownShare } from "../comm/share.ts";
import { philox4x32, uniform01 } from "../core/random.ts";
import type { Mates } from "../geometry/mates.ts";
import { applyMaskInto } from "../map/masks.ts";
import { type Accumulation, accumulate, addAccumulation, type WeightedBlock } from "../maximization/accumulate.ts";
import { reconstructMap } from "../maximization/reconstruct-map.ts";
import type { ImageModel } from "../particles/image-model.ts";
import { imageModelOf } from "./image-model-of.ts";
import { type MateImages, type MatePoses, matePoses, openMateImages } from "./mate-images.ts";
import { REJECTED } from "./rejection.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/** Particles of each half-set that the mates are first told apart on. */
const SAMPLE = 2000;
/** Random starts; the one whose map explains the images best is taken. */
const STARTS = 4;
const ITERATIONS = 40;
/** One particle of so many has no part in the map. */
const HELD_OUT_EVERY = 5;
/** Mean change of a weight below which a start has settled. */
const SETTLED = 1e-3;
/** First weights differ from even ones by at most this factor: small, so that the images decide and not the draw. */
const SPREAD = 0.5;
/** Counter word that keeps these draws apart from others of a particle's key. */
const MATE_STREAM = 0x6d617465;

/** A low-resolution map in which the mates differ. */
export interface BrokenSymmetry {
  /** [N³] shells up to the one asked for. */
  readonly map: Float32Array;
  /** Log evidence per particle above that of the symmetric map, of particles that had no part in either, and its standard error. */
  readonly gain: number;
  readonly gainSd: number;
  /** Mean posterior share of a particle's heaviest mate. */
  readonly certainty: number;
  /** Log evidence per particle and iterations of every start. */
  readonly starts: readonly { readonly evidence: number; readonly iterations: number }[];
}

/**
 * Tells the mates of a pseudo-symmetric particle apart at low resolution: expectation and maximization over nothing but the mates of each
 * particle's pose, from nearly even weights drawn at random. A map that is symmetric to the last digit is a fixed point of this
 * iteration, though not a stable one: the images' own differences grow from any disturbance, and the strongest fastest.
 *
 * Both half-sets feed the one map, so that both come to choose the same mates; only shells that they share for alignment anyway
 * (--join-resolution) may be asked for. Noise makes such a map of a symmetric particle too. What it is worth is therefore asked of
 * particles that were held out: to them a map of noise is worse than the symmetric one.
 */
export async function breakSymmetry(
  context: RunContext,
  state: RefinementState,
  mates: Mates,
  maxShell: number,
): Promise<BrokenSymmetry> {
  const model = imageModelOf(context, state);
  const sample = ([0, 1] as const).map((half) =>
    context.data.halves[half].filter((p) => state.rejected[p] === REJECTED.none).slice(0, SAMPLE),
  );
  const posesOf = (isHeldOut: boolean) =>
    ([0, 1] as const).map((half) => {
      const rows = sample[half]!.filter((_, i) => (i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1) === isHeldOut);
      return matePoses(state, half, rows, mates);
    });
  const poses = posesOf(false);
  const heldOut = posesOf(true);
  const job = { context, state, model, poses, mates, maxShell };
  const evidences = async (of: readonly MatePoses[], images: readonly MateImages[], map: Float32Array) => {
    const scores: Float64Array[] = [];
    for (const each of images) scores.push(await each.score(map));
    return posterior(context, state, of, scores, mates.count);
  };
  const images: MateImages[] = [];
  const others: MateImages[] = [];
  try {
    for (const each of poses) images.push(await openMateImages(context, model, each, mates, maxShell));
    for (const each of heldOut) others.push(await openMateImages(context, model, each, mates, maxShell));
    const even = poses.map(({ particles }) => new Float32Array(particles.length * mates.count).fill(1 / mates.count));
    const symmetric = await mapOf(job, even);
    let best: { map: Float32Array; evidence: number } | null = null;
    const starts: { evidence: number; iterations: number }[] = [];
    for (let start = 0; start < STARTS; start++) {
      let weights = poses.map(({ particles }) => drawnWeights(context, particles, mates.count, start));
      for (let iterations = 1; ; iterations++) {
        const map = await mapOf(job, weights);
        const found = await evidences(poses, images, map);
        const isSettled = meanChange(weights, found.weights) <= SETTLED || iterations === ITERATIONS;
        weights = found.weights;
        if (!isSettled) continue;
        starts.push({ evidence: found.evidence, iterations });
        if (best === null || found.evidence > best.evidence) best = { map, evidence: found.evidence };
        break;
      }
    }
    const { map } = best!;
    const [broken, whole] = [await evidences(heldOut, others, map), await evidences(heldOut, others, symmetric)];
    const gains = broken.each.map((value, i) => value - whole.each[i]!);
    const gain = gains.reduce((a, b) => a + b, 0) / gains.length;
    const variance = gains.reduce((a, b) => a + (b - gain) ** 2, 0) / Math.max(1, gains.length - 1);
    return { map, gain, gainSd: Math.sqrt(variance / gains.length), certainty: broken.certainty, starts };
  } finally {
    for (const each of [...images, ...others]) each.free();
  }
}

interface Job {
  readonly context: RunContext;
  readonly state: RefinementState;
  readonly model: ImageModel;
  readonly poses: readonly MatePoses[];
  readonly mates: Mates;
  readonly maxShell: number;
}

/** Map of both half-sets with each particle at its mates by weight. Collective. */
async function mapOf(
  { context, state, model, poses, mates, maxShell }: Job,
  weights: readonly Float32Array[],
): Promise<Float32Array> {
  const { device, data, options, signal } = context;
  signal.throwIfAborted();
  const largestNorm = state.norm.reduce((a, b) => Math.max(a, b), 0);
  const sums: Accumulation[] = [];
  try {
    for (const [half, each] of poses.entries()) {
      const blocks = mateBlocks(context, state, each, weights[half]!, mates.count);
      sums.push(
        await accumulate(device, context.band, data.reader, model, blocks, {
          half,
          maxShell,
          paddingFactor: options.paddingFactor,
          group: mates.subgroup,
          particleCount: each.particles.length,
          largestAmplitude: data.largestAmplitude * largestNorm,
          ranks: context.modelRanks,
          signal,
        }),
      );
    }
    await addAccumulation(device, sums[0]!, sums[1]!);
    const { griddingIterations } = options;
    const map = await reconstructMap(device, sums[0]!, { boxPx: data.boxPx, prior: null, griddingIterations });
    return applyMaskInto(map, map, context.givenMask ?? context.sphereMask);
  } finally {
    for (const each of sums) each.free();
  }
}

/** This rank's share of the poses as posteriors: one point for each mate. */
async function* mateBlocks(
  context: RunContext,
  state: RefinementState,
  poses: MatePoses,
  weights: Float32Array,
  k: number,
): AsyncGenerator<WeightedBlock> {
  const share = ownShare(poses.particles.length, context.comm);
  const none = new Float32Array(0);
  for (let first = share.first; first < share.end; first += context.blockSize) {
    const end = Math.min(first + context.blockSize, share.end);
    const particles = poses.particles.slice(first, end);
    yield {
      imageWeight: Float32Array.from(particles, (p) => state.good[p]!),
      block: {
        half: poses.half,
        index: 0,
        particles,
        rotationsPerImage: k,
        shiftsPerRotation: 1,
        parentCount: 0,
        shellCount: 0,
        rotations: poses.rotations.slice(4 * k * first, 4 * k * end),
        shiftsPx: poses.shiftsPx.slice(2 * k * first, 2 * k * end),
        weights: weights.slice(k * first, k * end),
        summary: none,
        kernel: none,
        parentRotations: none,
        parentShiftsPx: none,
        statistics: new Float64Array(0),
      },
    };
  }
}

/** Weights of the mates, log evidence of each good particle and their mean, mean largest weight. */
function posterior(
  context: RunContext,
  state: RefinementState,
  poses: readonly MatePoses[],
  scores: readonly Float64Array[],
  k: number,
) {
  context.signal.throwIfAborted();
  const each: number[] = [];
  let certainty = 0;
  const weights = poses.map(({ particles }, half) => {
    const out = new Float32Array(k * particles.length);
    particles.forEach((p, i) => {
      const row = scores[half]!.subarray(k * i, k * (i + 1));
      const best = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const sum = row.reduce((a, b) => a + Math.exp(b - best), 0);
      for (let g = 0; g < k; g++) out[k * i + g] = Math.exp(row[g]! - best) / sum;
      if (state.good[p]! < 0.5) return;
      each.push(best + Math.log(sum / k));
      certainty += 1 / sum;
    });
    return out;
  });
  const evidence = each.reduce((a, b) => a + b, 0) / each.length;
  return { weights, each, evidence, certainty: certainty / each.length };
}

function drawnWeights(context: RunContext, particles: Int32Array, k: number, start: number): Float32Array {
  const { key } = context.data;
  const words = new Uint32Array(4);
  const out = new Float32Array(k * particles.length);
  particles.forEach((p, i) => {
    const row = out.subarray(k * i, k * (i + 1));
    for (let g = 0; g < k; g++) {
      philox4x32(words, key[2 * p]!, key[2 * p + 1]!, MATE_STREAM, start, g, 0);
      row[g] = 1 + SPREAD * (2 * uniform01(words[0]!) - 1);
    }
    const sum = row.reduce((a, b) => a + b, 0);
    for (let g = 0; g < k; g++) row[g]! /= sum;
  });
  return out;
}

function meanChange(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  a.forEach((weights, half) => {
    weights.forEach((w, i) => {
      sum += Math.abs(w - b[half]![i]!);
    });
    count += weights.length;
  });
  return count > 0 ? sum / count : 0;
}
