import type { Share } from "../comm/share.ts";
import { groupSizeFor as usualGroupSize } from "../expectation/slices/cost.ts";

/** Particles of one half-set's blocks [first, end). */
export function particlesIn({ first, end }: Share, blockSize: number, particleCount: number): number {
  return Math.max(0, Math.min(end * blockSize, particleCount) - first * blockSize);
}

/** The largest divisor of the ranks up to the size wanted; 0: the size that refine takes. Groups are equal. */
export function groupSizeFor(rankCount: number, wanted: number): number {
  if (wanted === 0) return usualGroupSize(rankCount);
  let size = Math.min(wanted, rankCount);
  while (rankCount % size !== 0) size--;
  return size;
}
