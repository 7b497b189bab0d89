import type { DeviceBuffer } from "../buffer.ts";
import type { PointSetArgs } from "./image-set.ts";

/** Numbers per image in `summary`. */
export const SUMMARY_FIELDS = 16;
/** Index of each number in a row of `summary`. */
export const SUMMARY = {
  /** log mean of exp(log posterior − log q): the log evidence, no signal = 0. */
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
} as const;

/**
 * Weights of a proposed cloud, its summary, the parents of the next phase and the next kernel.
 *
 * log w = temper·(logLikelihood + log N(t; t0, σt²)) − logProposal, normalised per image by log-sum-exp. temper < 1 is for
 * phases that only look where to look next. (Uniform rotations: log prior 0.)
 * Parents: systematic resampling of the joint points to parentCount, equal weights 1/parentCount.
 * Modes: points by falling weight (down to 0.999 of the mass) join the first mode whose centre (its heaviest point, under its best
 * symmetry mate) is within 3 kernel standard deviations (rotation: angle against 3·sqrt(trace/3)·√3 of the old kernel; shift likewise in 2D), else
 * they found a new one (at most 8; then the nearest). Within-mode weighted means, pooled covariance over modes.
 * New kernel covariance = perturbFactor² · (n·C + n0·C_shrunk)/(n + n0), n = ESS, n0 = 6, C the pooled covariance, C_shrunk the
 * old kernel's isotropic part (trace/3 · I, trace/2 · I) times shrinkFloor²; then floored at minRotationRad² and minShiftPx² on the diagonal.
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
  /** f32 [activeCount][9], the kernel the points were drawn with; overwritten by the next one. */
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
