import { describe, expect, test } from "vitest";
import { type CellLists, childCells } from "../../src/expectation/child-cells.ts";
import type { ScanResult } from "../../src/expectation/scan.ts";

/** Three coarse slices with 2, 0 and 3 children; two images that keep up to three cells. */
const children = { start: Int32Array.of(0, 2, 2, 5), child: Int32Array.of(1, 4, 0, 2, 3) };
const shiftOf = Int32Array.of(7, 8);
const wide = { units: 100, shareOfBest: 0 };
const NONE = Number.NEGATIVE_INFINITY;

function kept(rows: readonly (readonly [score: number, slice: number, shift: number])[]): ScanResult {
  return {
    evidence: new Float64Array(4),
    topScore: Float32Array.from(rows, ([score]) => score),
    topSlice: Int32Array.from(rows, ([, slice]) => slice),
    topShift: Int32Array.from(rows, ([, , shift]) => shift),
    profile: null,
  };
}

/** [block][image] cells as "slice of the grid, shift". */
function cellsOf({ start, slice, shift }: CellLists, blockSlices: number): string[][][] {
  const blocks = (start.length - 1) / 2;
  return Array.from({ length: blocks }, (_, b) =>
    [0, 1].map((i) =>
      Array.from(slice.subarray(start[2 * b + i]!, start[2 * b + i + 1]!), (s, c) => {
        return `${s + b * blockSlices},${shift[start[2 * b + i]! + c]}`;
      }),
    ),
  );
}

describe("the children of kept cells", () => {
  const scan = kept([
    [10, 2, 1],
    [4, 0, 0],
    [NONE, -1, -1],
    [3, 1, 1],
    [2, 0, 1],
    [NONE, -1, -1],
  ]);

  test("come block by block and image by image, with the shift of their parent on the finer grid", () => {
    expect(cellsOf(childCells(scan, 2, children, shiftOf, wide, 3), 3)).toEqual([
      [["1,7", "0,8", "2,8"], ["1,8"]],
      [["4,7", "3,8"], ["4,8"]],
    ]);
  });

  test("of cells too far below their image's best are left out: so many units, and a share of a best score above 0", () => {
    const kept = [
      [
        ["0,8", "2,8", "3,8"],
        ["1,8", "4,8"],
      ],
    ];
    for (const margin of [
      { units: 5, shareOfBest: 0 },
      { units: 2, shareOfBest: 0.39 },
    ]) {
      expect(cellsOf(childCells(scan, 2, children, shiftOf, margin, 5), 5)).toEqual(kept);
    }
    const wider = childCells(scan, 2, children, shiftOf, { units: 2, shareOfBest: 0.4 }, 5);
    expect(cellsOf(wider, 5)[0]![0]).toHaveLength(5);
  });

  test("do not depend on the order in which a scan kept its cells", () => {
    const turned = kept([
      [NONE, -1, -1],
      [4, 0, 0],
      [10, 2, 1],
      [2, 0, 1],
      [NONE, -1, -1],
      [3, 1, 1],
    ]);
    expect(childCells(turned, 2, children, shiftOf, wide, 2)).toEqual(childCells(scan, 2, children, shiftOf, wide, 2));
  });
});
