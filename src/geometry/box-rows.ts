import type { FourierBox } from "./fourier-box.ts";

/**
 * Rows y of a Fourier box as one rank holds them: [rowCount y][2R+3 z][R+2 x], row 0 being y = −(R+1). Held so, the lines along z
 * that a reconstruction transforms first are whole, and a rank's rows are one piece of memory.
 */
export interface BoxRows {
  readonly box: FourierBox;
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Voxels of one row. */
export function rowLength(box: FourierBox): number {
  return box.sizeZ * box.sizeX;
}

/** Place of (x, y, z), y being a row that is held. */
export function boxRowsIndex({ box, firstRow }: BoxRows, x: number, y: number, z: number): number {
  const edge = box.radiusPx + 1;
  return ((y + edge - firstRow) * box.sizeZ + z + edge) * box.sizeX + x;
}

/** Largest |x|, |y|, |z| that a grid of side gridPx holds of a box: below its Nyquist. */
export function gridEdgePx(radiusPx: number, gridPx: number): number {
  return Math.min(radiusPx + 1, gridPx / 2 - 1);
}

/** The rows of a part of the box that lie in the grid: first y, and how many. */
export function gridRows({ box, firstRow, rowCount }: BoxRows, gridPx: number): { firstY: number; count: number } {
  const edge = gridEdgePx(box.radiusPx, gridPx);
  const firstY = Math.max(firstRow - box.radiusPx - 1, -edge);
  const lastY = Math.min(firstRow + rowCount - 1 - box.radiusPx - 1, edge);
  return { firstY, count: Math.max(0, lastY - firstY + 1) };
}
