import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { PosteriorBlock } from "../posterior/block.ts";

/**
 * Powers of two that contributions to the sums of a half-set are rounded to. With the largest contribution and the number of particles
 * known first, no sum exceeds 2^52 quanta: float64 adds them without rounding, so neither order nor split matters.
 */
export interface SumQuanta {
  /** [3 × shells] residual, cross and power, per shell. */
  readonly statistics: Float64Array;
  readonly shiftSquare: number;
  /** Of p(good) and of counts. */
  readonly weight: number;
}

/** Bits that a float64 sum keeps. */
const BITS = 52;

/** The largest contributions of a half-set so far: [3 × shells] of the statistics, then that to Σ|t|². */
export function makeLargest(shellCount: number): Float64Array {
  return new Float64Array(3 * shellCount + 1);
}

/** Raises `largest` to what one block may contribute. */
export function noteLargest(largest: Float64Array, block: PosteriorBlock): void {
  const width = 3 * block.shellCount;
  for (let i = 0; i < block.particles.length; i++) {
    if (block.summary[i * SUMMARY_FIELDS + SUMMARY.failed]! > 0) continue;
    for (let k = 0; k < width; k++) {
      largest[k] = Math.max(largest[k]!, Math.abs(block.statistics[i * width + k]!));
    }
    largest[width] = Math.max(largest[width]!, shiftSquareOf(block, i));
  }
}

/**
 * @param largest  as `noteLargest` leaves it, over all particles of the half-set on all ranks
 * @param particleCount  of the half-set, on all ranks
 */
export function sumQuanta(largest: Float64Array, particleCount: number): SumQuanta {
  const quantum = (bound: number) => 2 ** (Math.ceil(Math.log2(Math.max(bound * particleCount, 2 ** -900))) - BITS);
  const shells = largest.length - 1;
  return {
    statistics: Float64Array.from(largest.subarray(0, shells), quantum),
    shiftSquare: quantum(largest[shells]!),
    weight: quantum(1),
  };
}

/** The nearest whole number of quanta. */
export function toQuanta(value: number, quantum: number): number {
  return Math.round(value / quantum) * quantum;
}

/** |t|² of an image and the spread of its shifts: what its weight multiplies in the shift prior's variance. */
export function shiftSquareOf(block: PosteriorBlock, image: number): number {
  const row = image * SUMMARY_FIELDS;
  const x = block.summary[row + SUMMARY.shiftPx]!;
  const y = block.summary[row + SUMMARY.shiftPx + 1]!;
  return x * x + y * y + 2 * block.summary[row + SUMMARY.shiftSdPx]! ** 2;
}
