import { quaternionToMatrixInto } from "../geometry/quaternion.ts";
import { frequencyMatrix, fromCommonShift } from "../particles/common-grid.ts";
import type { OpticsGroup } from "../particles/table.ts";

/** Where a point of the specimen lies in one particle's image, and how the image is moved to bring it to the centre. */
export interface Recentring {
  /** Displacement of the point from the image's centre after the move, px: less than a pixel. */
  readonly shiftPx: readonly [number, number];
  /** Whole pixels that the image moves by, against the point's displacement. */
  readonly movePx: readonly [number, number];
}

/**
 * A point c of the volume appears at t + (Rᵀ c) of an image of a particle at displacement t: R maps image axes onto volume axes
 * (docs/conventions.md §3, §5). A magnification matrix is applied to Rᵀ c, which is in px of the specimen.
 *
 * @param centrePx  c in px of the group's images
 */
export function recentringOf(
  rotation: Float64Array,
  shiftPx: readonly [number, number],
  centrePx: readonly [number, number, number],
  group: OpticsGroup,
  boxPx: number,
): Recentring {
  const m = new Float64Array(9);
  quaternionToMatrixInto(m, 0, rotation, 0);
  const along = (column: number) =>
    m[column]! * centrePx[0] + m[3 + column]! * centrePx[1] + m[6 + column]! * centrePx[2];
  const matrix = frequencyMatrix(group, boxPx, { boxPx, pixelSizeA: group.pixelSizeA });
  const [x, y] = fromCommonShift(matrix, boxPx, boxPx, along(0), along(1));
  const total = [shiftPx[0] + x, shiftPx[1] + y] as const;
  const move = [Math.round(total[0]), Math.round(total[1])] as const;
  return { shiftPx: [total[0] - move[0], total[1] - move[1]], movePx: [-move[0], -move[1]] };
}

/** Moves one image by whole pixels; what leaves on one side comes in on the other, so that nothing is lost. */
export function moveImage(
  images: Float32Array,
  offset: number,
  boxPx: number,
  [dx, dy]: readonly [number, number],
): void {
  const from = images.slice(offset, offset + boxPx * boxPx);
  const wrapped = (i: number) => ((i % boxPx) + boxPx) % boxPx;
  for (let y = 0; y < boxPx; y++) {
    const row = wrapped(y - dy) * boxPx;
    for (let x = 0; x < boxPx; x++) images[offset + y * boxPx + x] = from[row + wrapped(x - dx)]!;
  }
}
