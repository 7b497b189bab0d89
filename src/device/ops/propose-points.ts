import type { DeviceBuffer } from "../buffer.ts";
import type { PointSetArgs } from "./image-set.ts";

/** Numbers per image in `kernel`: lower Cholesky factor of the rotation covariance (rad; L00 L10 L11 L20 L21 L22), then of the shift covariance (px; L00 L10 L11). */
export const KERNEL_FIELDS = 9;

/**
 * New support points of each image, perturbed from its weighted parents, with the density they were really drawn from.
 *
 * Parent of rotation m: systematic resampling of parentWeight (one uniform offset, step 1/rotationsPerImage). The offset's
 * order is not shuffled. Rotation: q = q_parent · exp(v), v (rotation vector, rad, image axes) a 3D Student t with
 * `degreesOfFreedom` ν and the kernel's factor: v = L z √(ν/χ²_ν); |v| ≥ π is redrawn (up to 16 times, then scaled to 0.99 π).
 * Each of its shiftsPerRotation shifts: t = t_parent + L z √(ν/χ²_ν), 2D.
 * logProposal(q, t) = log Σ_j w_j K_R(q | q_j) K_T(t | t_j): the mixture of the perturbation kernels over the cloud, K_R
 * with respect to the normalised Haar measure of SO(3) (uniform = 1; Haar density of a rotation vector of length θ:
 * (sin(θ/2)/(θ/2))²/(8π²)), K_T per px². With symmetry K_R is summed over the mates of q_j (G·q_j), so the density lives on the
 * quotient; it is then divided by |G| so that uniform remains 1.
 * Random numbers: Philox keyed by key[image]; counter (stream, phase, index, 0).
 */
export interface ProposePointsArgs extends PointSetArgs {
  readonly parentCount: number;
  /** f32 [activeCount][parentCount][4] */
  readonly parentRotations: DeviceBuffer;
  /** f32 [activeCount][parentCount][2] */
  readonly parentShiftsPx: DeviceBuffer;
  /** f32 [activeCount][parentCount], each row sums to 1 (to rounding); weight 0 = absent. */
  readonly parentWeights: DeviceBuffer;
  /** f32 [activeCount][9] */
  readonly kernel: DeviceBuffer;
  readonly degreesOfFreedom: number;
  /** f32 [symmetryCount][4], identity first. */
  readonly symmetry: DeviceBuffer;
  readonly symmetryCount: number;
  /** u32 [activeCount][2] */
  readonly key: DeviceBuffer;
  /** Counter word that separates rounds. */
  readonly stream: number;
  readonly phase: number;
  /** f32 [activeCount][rotationsPerImage][shiftsPerRotation], overwritten (as are rotations and shiftsPx of the point set). */
  readonly logProposal: DeviceBuffer;
}
