/**
 * A soft mask around the molecule, from a map that has been low-passed to 15 Å or worse.
 *
 * The mask may cross between the halves because it holds nothing finer than that filter: make it from the average.
 */

import { expectLength } from "../core/checks.ts";
import { DataError } from "../core/errors.ts";
import { makeDistanceMap } from "./distance.ts";
import { softEdge } from "./soft-edge.ts";
import { medianAndDeviation } from "./statistics.ts";

export interface SolventMaskOptions {
  /** Density that counts as molecule. Default: `solventThreshold`. */
  readonly threshold?: number;
  /** Radius in which the particle lies, px; voxels beyond it are solvent. Default: floor(boxPx/2) - 1. */
  readonly radiusPx?: number;
  /** Growth of the thresholded shape before the edge, px. */
  readonly extendPx?: number;
  /** Width of the cosine edge outside that, px. */
  readonly edgePx?: number;
}

/** Standard deviations of the solvent above which density is molecule, and share of the peak density. */
const SOLVENT_DEVIATIONS = 5;
const PEAK_SHARE = 0.1;

/** Density that separates molecule from solvent: 5 robust sd above the solvent, at least 10 % of the 99.9th percentile. */
export function solventThreshold(map: Float32Array, boxPx: number, radiusPx: number): number {
  const centre = Math.floor(boxPx / 2);
  const solvent = map.filter((_, o) => {
    const [x, y, z] = [o % boxPx, Math.floor(o / boxPx) % boxPx, Math.floor(o / (boxPx * boxPx))];
    return Math.hypot(x - centre, y - centre, z - centre) > radiusPx;
  });
  const sorted = map.slice().sort();
  const peak = sorted[Math.floor(0.999 * (sorted.length - 1))]!;
  const { median, deviation } = medianAndDeviation(solvent);
  return Math.max(median + SOLVENT_DEVIATIONS * deviation, median + PEAK_SHARE * (peak - median));
}

/**
 * Threshold, keep what is connected (6 neighbours) to the largest piece, grow, soften.
 *
 * @param map  [boxPx³], already low-passed
 * @returns [boxPx³] weights 0..1; fresh array
 */
export function makeSolventMask(map: Float32Array, boxPx: number, options: SolventMaskOptions = {}): Float32Array {
  expectLength("solvent mask: map", map, boxPx ** 3);
  const { radiusPx = Math.floor(boxPx / 2) - 1, extendPx = 3, edgePx = 6 } = options;
  const threshold = options.threshold ?? solventThreshold(map, boxPx, radiusPx);
  const isInside = Uint8Array.from(map, (value) => (value > threshold ? 1 : 0));
  keepLargestPiece(isInside, boxPx);
  if (!isInside.includes(1)) {
    throw new DataError(
      `solvent mask: no density above the threshold ${threshold}. Give a lower threshold, or a mask of your own.`,
    );
  }
  const distance = makeDistanceMap(isInside, boxPx);
  return distance.map((value) => softEdge(value - extendPx, edgePx));
}

/** Clears every piece but the one with the most voxels; the first in index order wins a tie. */
function keepLargestPiece(isInside: Uint8Array, boxPx: number): void {
  const piece = new Int32Array(isInside.length);
  const stack: number[] = [];
  let largest = 0;
  let largestCount = 0;
  let label = 0;
  for (let start = 0; start < isInside.length; start++) {
    if (!isInside[start] || piece[start]) continue;
    label++;
    let count = 0;
    piece[start] = label;
    stack.push(start);
    for (let o = stack.pop(); o !== undefined; o = stack.pop()) {
      count++;
      const x = o % boxPx;
      const y = Math.floor(o / boxPx) % boxPx;
      const z = Math.floor(o / (boxPx * boxPx));
      for (const [position, stride] of [[x, 1] as const, [y, boxPx] as const, [z, boxPx * boxPx] as const]) {
        for (const step of [-1, 1]) {
          const next = o + step * stride;
          if (position + step < 0 || position + step >= boxPx || !isInside[next] || piece[next]) continue;
          piece[next] = label;
          stack.push(next);
        }
      }
    }
    if (count > largestCount) [largest, largestCount] = [label, count];
  }
  for (let o = 0; o < isInside.length; o++) isInside[o] = piece[o] !== 0 && piece[o] === largest ? 1 : 0;
}
