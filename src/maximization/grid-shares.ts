import { evenShares } from "../comm/even-shares.ts";
import { gridEdgePx } from "../geometry/box-rows.ts";
import type { FourierBox } from "../geometry/fourier-box.ts";

/** How the grid of a reconstruction lies on the ranks of a group. */
export interface GridShares {
  readonly gridPx: number;
  /** e: largest |x|, |y|, |z| of the grid. */
  readonly edgePx: number;
  /** [ranks + 1] rows of the grid, 0 being y = −e, and the end. */
  readonly rowStarts: readonly number[];
}

/** The rows of the box that each rank holds, cut to those of the grid. */
export function makeGridShares({ radiusPx }: FourierBox, boxRowStarts: readonly number[], gridPx: number): GridShares {
  const edgePx = gridEdgePx(radiusPx, gridPx);
  const offset = radiusPx + 1 - edgePx;
  const rowStarts = boxRowStarts.map((row) => Math.min(Math.max(row - offset, 0), 2 * edgePx + 1));
  return { gridPx, edgePx, rowStarts };
}

/** Planes of the half-transformed grid, M/2 + 1, that each rank of a group smooths. */
export function halfPlaneStarts(size: number, gridPx: number): number[] {
  return evenShares(gridPx / 2 + 1, size);
}
