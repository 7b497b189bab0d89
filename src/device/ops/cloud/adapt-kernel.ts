import { choleskyInPlace, factorTrace } from "./cholesky.ts";

/** Points that the old kernel counts for in the new one. */
const SHRINKAGE_POINTS = 6;
const DIAGONAL = [0, 2, 5, 9, 14];

/** Traces of the rotation's and of the shift's block of L Lᵀ. */
export const rotationTrace = (kernel: Float32Array): number => factorTrace(kernel.subarray(0, 6));
export const shiftTrace = (kernel: Float32Array): number => factorTrace(kernel.subarray(6));

/** How a kernel follows from a cloud: `updateCloud`. */
export interface KernelAdaption {
  readonly perturbFactor: number;
  readonly shrinkFloor: number;
  readonly minRotationRad: number;
  readonly minShiftPx: number;
}

/**
 * The kernel that perturbs the next cloud.
 *
 * @param kernel  [15] the old one, overwritten
 * @param covariance  [15] lower triangle of the covariance of (rotation vector, shift), pooled within modes
 * @param ess  points that the covariance is known from
 */
export function adaptKernel(args: KernelAdaption, kernel: Float32Array, covariance: Float64Array, ess: number): void {
  const shrinkage = SHRINKAGE_POINTS * args.shrinkFloor ** 2;
  const rotation = (shrinkage * rotationTrace(kernel)) / 3;
  const shift = (shrinkage * shiftTrace(kernel)) / 2;
  const next = covariance.map((x) => x * ess);
  DIAGONAL.forEach((at, i) => {
    next[at]! += i < 3 ? rotation : shift;
  });
  const factor = next.map((x) => (args.perturbFactor ** 2 * x) / (ess + SHRINKAGE_POINTS));
  DIAGONAL.forEach((at, i) => {
    factor[at] = Math.max(factor[at]!, (i < 3 ? args.minRotationRad : args.minShiftPx) ** 2);
  });
  choleskyInPlace(factor, 5);
  kernel.set(factor);
}
