import type { GridChildren } from "../geometry/grid-children.ts";
import type { ScanResult } from "./scan.ts";

/** How far below its image's best a cell may score and still be subdivided. */
export interface ScanMargin {
  /** Log-likelihood units: what shells not yet seen may add. */
  readonly units: number;
  /** Share of the best score: what a cell loses because its pose is not the best one within it grows with the signal. */
  readonly shareOfBest: number;
}

/** Cells of a finer grid, block of slices by block; within a block image by image. */
export interface CellLists {
  /** [blocks × images + 1] */
  readonly start: Int32Array;
  /** Slice within its block, and shift. */
  readonly slice: Int32Array;
  readonly shift: Int32Array;
}

/**
 * The children of the cells that a coarser scan kept, each with its parent's shift.
 *
 * @param shiftOf  [coarser shifts] nearest shift of the finer grid
 * @param blockSlices  slices of the finer grid per block
 */
export function childCells(
  coarse: ScanResult,
  images: number,
  children: GridChildren,
  shiftOf: Int32Array,
  margin: ScanMargin,
  blockSlices: number,
): CellLists {
  const K = images > 0 ? coarse.topScore.length / images : 0;
  const { start: firstChild, child } = children;
  const blocks = Math.max(1, Math.ceil(child.length / blockSlices));
  const blockOf = Int32Array.from(child, (slice) => Math.floor(slice / blockSlices));
  const parents = survivors(coarse, images, margin, firstChild.length - 1);
  const start = new Int32Array(blocks * images + 1);
  for (const at of parents) {
    const image = Math.floor(at / K);
    const parent = coarse.topSlice[at]!;
    for (let c = firstChild[parent]!; c < firstChild[parent + 1]!; c++) start[blockOf[c]! * images + image + 1]!++;
  }
  for (let row = 0; row < blocks * images; row++) start[row + 1]! += start[row]!;
  const slice = new Int32Array(start[blocks * images]!);
  const shift = new Int32Array(slice.length);
  const next = start.slice();
  for (const at of parents) {
    const image = Math.floor(at / K);
    const parent = coarse.topSlice[at]!;
    for (let c = firstChild[parent]!; c < firstChild[parent + 1]!; c++) {
      const place = next[blockOf[c]! * images + image]!++;
      slice[place] = child[c]! - blockOf[c]! * blockSlices;
      shift[place] = shiftOf[coarse.topShift[at]!]!;
    }
  }
  return { start, slice, shift };
}

/** Places in `coarse` of the cells to subdivide, by rising slice, then image: in which order a scan found them does not show. */
function survivors(coarse: ScanResult, images: number, margin: ScanMargin, sliceCount: number): Int32Array {
  const { topScore, topSlice } = coarse;
  const K = images > 0 ? topScore.length / images : 0;
  const isKept = new Uint8Array(topSlice.length);
  const next = new Int32Array(sliceCount + 1);
  for (let first = 0; first < topSlice.length; first += K) {
    let best = Number.NEGATIVE_INFINITY;
    for (let at = first; at < first + K; at++) best = Math.max(best, topScore[at]!);
    const least = best - margin.units - margin.shareOfBest * Math.max(0, best);
    for (let at = first; at < first + K; at++) {
      if (topSlice[at]! < 0 || !(topScore[at]! >= least)) continue;
      isKept[at] = 1;
      next[topSlice[at]! + 1]!++;
    }
  }
  for (let s = 0; s < sliceCount; s++) next[s + 1]! += next[s]!;
  const places = new Int32Array(next[sliceCount]!);
  for (let at = 0; at < topSlice.length; at++) if (isKept[at] === 1) places[next[topSlice[at]!]!++] = at;
  return places;
}
