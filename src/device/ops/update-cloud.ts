import { expectInteger, expectPositive, expectRange } from "../../core/checks.ts";
import { philox4x32, uniform01 } from "../../core/random.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkPointSet } from "../check-image-set.ts";
import { hostF32, hostU32 } from "../reference/host-buffer.ts";
import { adaptKernel, rotationTrace, shiftTrace } from "./cloud/adapt-kernel.ts";
import { KERNEL_FIELDS } from "./cloud/kernel.ts";
import { effectiveSampleSize, flattened, logSumExp } from "./cloud/log-weights.ts";
import { drawnIn, type ModeSummary, type Pose, summariseModes } from "./cloud/modes.ts";
import { systematicPicksInto } from "./cloud/systematic-resampling.ts";
import type { PointSetArgs } from "./image-set.ts";

/** Numbers per image in `summary`. */
export const SUMMARY_FIELDS = 16;
/** Index of each number in a row of `summary`. */
export const SUMMARY = {
  /** log mean of exp(log posterior − log q) over all points: the log evidence, no signal = 0. */
  logEvidence: 0,
  /** (Σw)²/Σw² of the normalised weights, in points. */
  effectiveSampleSize: 1,
  /** Largest normalised weight. */
  maxWeight: 2,
  /** Posterior mean pose of the heaviest mode: quaternion w,x,y,z. */
  rotation: 3,
  /** … and shift x, y, px. */
  shiftPx: 7,
  /** Share of the weight in the heaviest mode. */
  modeWeight: 9,
  /** Pooled within-mode sd of the rotation vector, rad: sqrt(trace/3). */
  rotationSdRad: 10,
  /** Pooled within-mode sd of the shift, px: sqrt(trace/2). */
  shiftSdPx: 11,
  /** Largest log posterior density among the points. */
  maxLogPosterior: 12,
  /** 1 when the image failed numerically (no finite weight): its weights are all 0. */
  failed: 13,
  /** Modes found. */
  modeCount: 14,
  /** Where symmetry is relaxed, the share of the weight at the heaviest mate: written by expectation/over-mates.ts, 0 here. */
  mateWeight: 15,
} as const;

/**
 * Weights of a proposed cloud, its summary, the parents of the next phase and the next kernel.
 *
 * log w = temper·(logLikelihood + log N(t; t0, σt²)) − logProposal, normalised per image by log-sum-exp. temper < 1 is for
 * phases that only look where to look next; the evidence is always that of temper 1. (Uniform rotations: log prior 0.)
 * A point whose log-likelihood or log proposal is not finite gets weight 0. An image without a finite point has failed: weights 0,
 * evidence −Infinity, its kernel as it was, its first point as every parent.
 * Parents and the next kernel look where the posterior may be: where the effective sample size is below 12 points (or half the finite ones), both
 * come from the power w^β, β < 1, of the weights that has this size. Weights, evidence and summary are never flattened.
 * Parents: systematic resampling of the joint points to parentCount, equal weights 1/parentCount; offset from counter
 * (stream, phase, 2^32 − 2, 0). They come mode by mode, points of no mode first, and by number within one; each is drawn in towards its mode's mean: its
 * rotation vector and shift from there times parentSpread (Liu and West 2001: perturbed parents as they are would spread by the cloud and by the kernel).
 * Modes: points by falling weight (down to 0.999 of the mass) join the first mode whose centre (its heaviest point, under its best
 * symmetry mate) is within 2 sqrt(trace) of the old kernel's scale matrix, in rotation angle and in shift, else they found a new one
 * (at most 8; then the nearest). Modes whose means stand within 1.5 times the sum of their own sqrt(trace) are joined. Within-mode weighted means,
 * pooled covariance over modes.
 * New kernel: scale matrix = perturbFactor² · (n·C + n0·C_shrunk)/(n + n0), n = ESS, n0 = 6, C the pooled covariance of rotation vector and shift
 * together, C_shrunk the old kernel's isotropic part (trace/3 · I, trace/2 · I) times shrinkFloor²; then floored at minRotationRad² and minShiftPx² on
 * the diagonal.
 */
export interface UpdateCloudArgs extends PointSetArgs {
  /** f32 [activeCount][M][T] */
  readonly logLikelihood: DeviceBuffer;
  /** f32 [activeCount][M][T] */
  readonly logProposal: DeviceBuffer;
  /** f32 [activeCount][2]: t0, px */
  readonly priorCentrePx: DeviceBuffer;
  /** f32 [activeCount]: σt, px */
  readonly priorSigmaPx: DeviceBuffer;
  readonly temper: number;
  readonly perturbFactor: number;
  /** From 0 (all at the mean) to 1 (as they are). */
  readonly parentSpread: number;
  readonly shrinkFloor: number;
  readonly minRotationRad: number;
  readonly minShiftPx: number;
  /** f32 [symmetryCount][4] */
  readonly symmetry: DeviceBuffer;
  readonly symmetryCount: number;
  /** u32 [activeCount][2] */
  readonly key: DeviceBuffer;
  readonly stream: number;
  readonly phase: number;
  /** f32 [activeCount][15], the kernel the points were drawn with; overwritten by the next one. */
  readonly kernel: DeviceBuffer;
  /** f32 [activeCount][M][T], overwritten: normalised weights. */
  readonly weights: DeviceBuffer;
  readonly parentCount: number;
  /** f32 [activeCount][parentCount][4], overwritten */
  readonly parentRotations: DeviceBuffer;
  /** f32 [activeCount][parentCount][2], overwritten */
  readonly parentShiftsPx: DeviceBuffer;
  /** f32 [activeCount][parentCount], overwritten */
  readonly parentWeights: DeviceBuffer;
  /** f32 [activeCount][16], overwritten */
  readonly summary: DeviceBuffer;
}

/** Counter of the offset that resamples the points. */
export const RESAMPLING_OFFSET_INDEX = 0xfffffffe;
/** Points that found modes and covariance: by falling weight down to this share of the mass. */
const MODE_MASS = 0.999;
/** A mode reaches this many times sqrt(trace) of the old kernel: wide enough for a cloud of that width, narrow enough that two equal modes part. */
const MODE_REACH = 2;
/** Effective sample size below which the weights are flattened to look further. */
const LOOKING_POINTS = 12;

export function checkUpdateCloud(args: UpdateCloudArgs): void {
  checkPointSet("updateCloud", args);
  expectCount("updateCloud: parentCount", args.parentCount, 1);
  expectCount("updateCloud: symmetryCount", args.symmetryCount, 1);
  for (const name of ["temper", "perturbFactor", "shrinkFloor", "minRotationRad", "minShiftPx"] as const) {
    expectPositive(`updateCloud: ${name}`, args[name]);
  }
  expectRange("updateCloud: parentSpread", args.parentSpread, 0, 1);
  expectInteger("updateCloud: stream", args.stream, 0, 0xffffffff);
  expectInteger("updateCloud: phase", args.phase, 0, 0xffffffff);
  const rows = args.activeCount;
  const points = rows * args.rotationsPerImage * args.shiftsPerRotation;
  expectBuffer("updateCloud: logLikelihood", args.logLikelihood, "f32", points);
  expectBuffer("updateCloud: logProposal", args.logProposal, "f32", points);
  expectBuffer("updateCloud: weights", args.weights, "f32", points);
  expectBuffer("updateCloud: priorCentrePx", args.priorCentrePx, "f32", 2 * rows);
  expectBuffer("updateCloud: priorSigmaPx", args.priorSigmaPx, "f32", rows);
  expectBuffer("updateCloud: symmetry", args.symmetry, "f32", 4 * args.symmetryCount);
  expectBuffer("updateCloud: key", args.key, "u32", 2 * rows);
  expectBuffer("updateCloud: kernel", args.kernel, "f32", KERNEL_FIELDS * rows);
  expectBuffer("updateCloud: parentRotations", args.parentRotations, "f32", 4 * rows * args.parentCount);
  expectBuffer("updateCloud: parentShiftsPx", args.parentShiftsPx, "f32", 2 * rows * args.parentCount);
  expectBuffer("updateCloud: parentWeights", args.parentWeights, "f32", rows * args.parentCount);
  expectBuffer("updateCloud: summary", args.summary, "f32", SUMMARY_FIELDS * rows);
}

export function updateCloudReference(args: UpdateCloudArgs): void {
  for (let row = 0; row < args.activeCount; row++) {
    const kernel = hostF32(args.kernel).subarray(KERNEL_FIELDS * row, KERNEL_FIELDS * (row + 1));
    const summary = hostF32(args.summary).subarray(SUMMARY_FIELDS * row, SUMMARY_FIELDS * (row + 1));
    summary.fill(0);
    const logWeights = new Float64Array(args.rotationsPerImage * args.shiftsPerRotation);
    const weights = weighCloud(args, row, summary, logWeights);
    const pointCount = args.rotationsPerImage * args.shiftsPerRotation;
    hostF32(args.weights).set(weights, row * pointCount);
    if (summary[SUMMARY.failed] === 1) {
      failCloud(args, row, kernel, summary);
      continue;
    }
    const found = findModes(args, row, weights, kernel);
    writeModes(summary, found.modes);
    const ess = summary[SUMMARY.effectiveSampleSize]!;
    const finiteCount = logWeights.reduce((count, value) => count + (value > Number.NEGATIVE_INFINITY ? 1 : 0), 0);
    const target = Math.min(LOOKING_POINTS, finiteCount / 2);
    const looking = ess < target ? flattened(logWeights, target) : weights;
    const wide = ess < target ? findModes(args, row, looking, kernel) : found;
    resample(args, row, looking, wide);
    adaptKernel(args, kernel, wide.modes.covariance, effectiveSampleSize(looking));
  }
}

/** Normalised weights, float64, and their logarithms; evidence, effective sample size and largest values into the summary. */
function weighCloud(args: UpdateCloudArgs, row: number, summary: Float32Array, logWeights: Float64Array): Float64Array {
  const pointCount = args.rotationsPerImage * args.shiftsPerRotation;
  const first = row * pointCount;
  const shiftsPx = hostF32(args.shiftsPx);
  const logLikelihood = hostF32(args.logLikelihood);
  const logProposal = hostF32(args.logProposal);
  const centre = hostF32(args.priorCentrePx);
  const variance = hostF32(args.priorSigmaPx)[row]! ** 2;
  logWeights.fill(Number.NEGATIVE_INFINITY);
  const logRatio = new Float64Array(pointCount).fill(Number.NEGATIVE_INFINITY);
  let maxLogPosterior = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < pointCount; i++) {
    const x = shiftsPx[2 * (first + i)]! - centre[2 * row]!;
    const y = shiftsPx[2 * (first + i) + 1]! - centre[2 * row + 1]!;
    const logPrior = -(x * x + y * y) / (2 * variance) - Math.log(2 * Math.PI * variance);
    const logPosterior = logLikelihood[first + i]! + logPrior;
    if (!Number.isFinite(logPosterior) || !Number.isFinite(logProposal[first + i]!)) continue;
    logWeights[i] = args.temper * logPosterior - logProposal[first + i]!;
    logRatio[i] = logPosterior - logProposal[first + i]!;
    maxLogPosterior = Math.max(maxLogPosterior, logPosterior);
  }
  summary[SUMMARY.logEvidence] = logSumExp(logRatio) - Math.log(pointCount);
  summary[SUMMARY.maxLogPosterior] = maxLogPosterior;
  const logTotal = logSumExp(logWeights);
  if (logTotal === Number.NEGATIVE_INFINITY) {
    summary[SUMMARY.failed] = 1;
    return new Float64Array(pointCount);
  }
  for (let i = 0; i < pointCount; i++) logWeights[i]! -= logTotal;
  const weights = logWeights.map(Math.exp);
  summary[SUMMARY.effectiveSampleSize] = effectiveSampleSize(weights);
  summary[SUMMARY.maxWeight] = Math.max(...weights);
  return weights;
}

function failCloud(args: UpdateCloudArgs, row: number, kernel: Float32Array, summary: Float32Array): void {
  const pointCount = args.rotationsPerImage * args.shiftsPerRotation;
  const rotation = hostF32(args.rotations).slice(
    4 * row * args.rotationsPerImage,
    4 * row * args.rotationsPerImage + 4,
  );
  const shiftPx = hostF32(args.shiftsPx).slice(2 * row * pointCount, 2 * row * pointCount + 2);
  summary.set(rotation, SUMMARY.rotation);
  summary.set(shiftPx, SUMMARY.shiftPx);
  summary[SUMMARY.rotationSdRad] = Math.sqrt(rotationTrace(kernel) / 3);
  summary[SUMMARY.shiftSdPx] = Math.sqrt(shiftTrace(kernel) / 2);
  for (let j = 0; j < args.parentCount; j++) {
    const parent = row * args.parentCount + j;
    hostF32(args.parentRotations).set(rotation, 4 * parent);
    hostF32(args.parentShiftsPx).set(shiftPx, 2 * parent);
    hostF32(args.parentWeights)[parent] = 1 / args.parentCount;
  }
}

/** Modes, and which each point belongs to; −1: none. */
interface FoundModes {
  readonly modes: ModeSummary;
  readonly modeOf: Int32Array;
}

function findModes(args: UpdateCloudArgs, row: number, weights: Float64Array, kernel: Float32Array): FoundModes {
  const byWeight = Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b);
  const order: number[] = [];
  let mass = 0;
  for (const point of byWeight) {
    if (mass >= MODE_MASS) break;
    order.push(point);
    mass += weights[point]!;
  }
  const rotationCount = args.rotationsPerImage;
  const pointCount = rotationCount * args.shiftsPerRotation;
  const modes = summariseModes({
    order,
    weights,
    rotations: hostF32(args.rotations).subarray(4 * row * rotationCount, 4 * (row + 1) * rotationCount),
    shiftsPx: hostF32(args.shiftsPx).subarray(2 * row * pointCount, 2 * (row + 1) * pointCount),
    shiftsPerRotation: args.shiftsPerRotation,
    symmetry: symmetryOf(args),
    reachRad: MODE_REACH * Math.sqrt(rotationTrace(kernel)),
    reachPx: MODE_REACH * Math.sqrt(shiftTrace(kernel)),
  });
  const modeOf = new Int32Array(pointCount).fill(-1);
  order.forEach((point, i) => {
    modeOf[point] = modes.modeOf[i]!;
  });
  return { modes, modeOf };
}

const symmetryOf = (args: UpdateCloudArgs) =>
  Float64Array.from(hostF32(args.symmetry).subarray(0, 4 * args.symmetryCount));

function writeModes(summary: Float32Array, modes: ModeSummary): void {
  const sign = modes.rotation[0]! < 0 ? -1 : 1;
  for (let i = 0; i < 4; i++) summary[SUMMARY.rotation + i] = sign * modes.rotation[i]!;
  summary.set(modes.shiftPx, SUMMARY.shiftPx);
  summary[SUMMARY.modeWeight] = modes.modeWeight;
  summary[SUMMARY.modeCount] = modes.modeCount;
  const c = modes.covariance;
  summary[SUMMARY.rotationSdRad] = Math.sqrt(Math.max(0, c[0]! + c[2]! + c[5]!) / 3);
  summary[SUMMARY.shiftSdPx] = Math.sqrt(Math.max(0, c[9]! + c[14]!) / 2);
}

function resample(
  args: UpdateCloudArgs,
  row: number,
  weights: Float64Array,
  { modes: { means }, modeOf }: FoundModes,
): void {
  const words = new Uint32Array(4);
  const key = hostU32(args.key);
  philox4x32(words, key[2 * row]!, key[2 * row + 1]!, args.stream, args.phase, RESAMPLING_OFFSET_INDEX, 0);
  const picks = new Int32Array(args.parentCount);
  systematicPicksInto(picks, weights, uniform01(words[0]!));
  picks.sort((a, b) => modeOf[a]! - modeOf[b]! || a - b);
  const rotations = hostF32(args.rotations);
  const shiftsPx = hostF32(args.shiftsPx);
  const symmetry = symmetryOf(args);
  picks.forEach((pick, j) => {
    const parent = row * args.parentCount + j;
    const rotation = row * args.rotationsPerImage + Math.floor(pick / args.shiftsPerRotation);
    const point = row * weights.length + pick;
    const pose: Pose = {
      q: Float64Array.from(rotations.subarray(4 * rotation, 4 * rotation + 4)),
      shift: [shiftsPx[2 * point]!, shiftsPx[2 * point + 1]!],
    };
    const mean = modeOf[pick]! < 0 || args.parentSpread >= 1 ? null : means[modeOf[pick]!]!;
    const { q, shift } = mean ? drawnIn(pose, mean, args.parentSpread, symmetry) : pose;
    hostF32(args.parentRotations).set(q, 4 * parent);
    hostF32(args.parentShiftsPx).set(shift, 2 * parent);
    hostF32(args.parentWeights)[parent] = 1 / args.parentCount;
  });
}
