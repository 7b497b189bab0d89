import {
  angleBetweenRad,
  conjugateInto,
  dot,
  multiplyInto,
  normaliseInto,
  quaternionToMatrixInto,
} from "../geometry/quaternion.ts";
import type { ParticleTable } from "../particles/table.ts";

/** Poses further off than this have no say in the rotation between the two frames. */
const OUTLIER_RAD = (20 * Math.PI) / 180;
const FRAME_ITERATIONS = 8;

/** Rows of one particle in two tables. */
export type RowPair = readonly [foundRow: number, trueRow: number];

/** Rows of the particles that both tables hold, matched by image number. */
export function matchRows(found: ParticleTable, truth: ParticleTable): RowPair[] {
  const rowOfSlice = new Map(Array.from(found.imageSlice, (slice, row) => [slice, row]));
  return Array.from(truth.imageSlice).flatMap((slice, trueRow): RowPair[] => {
    const foundRow = rowOfSlice.get(slice);
    return foundRow === undefined ? [] : [[foundRow, trueRow]];
  });
}

/** The rotation g with g · found ≈ true for most: the mean of the pairs' quaternions, outliers left out, iterated. */
export function frameRotation(found: Float64Array, truth: Float64Array, pairs: readonly RowPair[]): Float64Array {
  const frame = Float64Array.of(1, 0, 0, 0);
  const inverse = new Float64Array(4);
  const between = new Float64Array(4);
  for (let iteration = 0; iteration < FRAME_ITERATIONS; iteration++) {
    const sum = new Float64Array(4);
    for (const [foundRow, trueRow] of pairs) {
      conjugateInto(inverse, 0, found, 4 * foundRow);
      multiplyInto(between, 0, truth, 4 * trueRow, inverse, 0);
      if (angleBetweenRad(between, 0, frame, 0) > OUTLIER_RAD) continue;
      const sign = dot(between, 0, frame, 0) < 0 ? -1 : 1;
      for (let i = 0; i < 4; i++) sum[i]! += sign * between[i]!;
    }
    if (Math.hypot(...sum) === 0) break;
    normaliseInto(frame, 0, sum, 0);
  }
  return frame;
}

/**
 * Where the found map's centre lies in the true map, px: the c with found(x) = true(g x + c).
 *
 * A particle's found and true displacement then differ by the part of R⁻¹ c in the image plane; c is the least-squares solution over
 * the pairs, in the true frame.
 */
export function frameShiftPx(
  found: ParticleTable,
  truth: ParticleTable,
  pairs: readonly RowPair[],
): [x: number, y: number, z: number] {
  const matrix = new Float64Array(9);
  const normal = new Float64Array(9);
  const right = new Float64Array(3);
  for (const [foundRow, trueRow] of pairs) {
    quaternionToMatrixInto(matrix, 0, truth.rotation, 4 * trueRow);
    for (const axis of [0, 1] as const) {
      const difference = found.shiftPx[2 * foundRow + axis]! - truth.shiftPx[2 * trueRow + axis]!;
      for (let i = 0; i < 3; i++) {
        const a = matrix[3 * i + axis]!;
        right[i]! += a * difference;
        for (let j = 0; j < 3; j++) normal[3 * i + j]! += a * matrix[3 * j + axis]!;
      }
    }
  }
  return solve3(normal, right);
}

/** x of A x = b by Cramer's rule; 0 where A is singular (one view only). */
function solve3(a: Float64Array, b: Float64Array): [number, number, number] {
  const column = (j: number, i: number, replaced: number) => (j === replaced ? b[i]! : a[3 * i + j]!);
  const determinant = (replaced: number) => {
    const at = (i: number, j: number) => column(j, i, replaced);
    return (
      at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
      at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
      at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0))
    );
  };
  const whole = determinant(-1);
  const part = (j: number) => (Math.abs(whole) > 0 ? determinant(j) / whole : 0);
  return [part(0), part(1), part(2)];
}
