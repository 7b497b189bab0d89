import { pointGroup } from "../../src/geometry/point-group.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makeBlobs } from "../../src/map/blobs.ts";

export type Point = readonly [x: number, y: number, z: number];

/** Blobs of one subunit, drawn by a fixed rule, Å. */
export function subunit(count = 14): Point[] {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const centre = [30 + 10 * next(), 24 + 10 * next(), 28 + 10 * next()];
  return Array.from({ length: count }, () => centre.map((c) => c + 26 * (next() - 0.5)) as unknown as Point);
}

/** R p, matrix row-major from an offset. */
export function turnedPoint(matrix: ArrayLike<number>, at: number, p: Point): Point {
  const row = (r: number) =>
    matrix[at + 3 * r]! * p[0] + matrix[at + 3 * r + 1]! * p[1] + matrix[at + 3 * r + 2]! * p[2];
  return [row(0), row(1), row(2)];
}

/** Every mate of the subunit under a group, placed by `place`. @returns [boxPx³] */
export function symmetricMap(
  name: string,
  boxPx: number,
  pixelSizeA: number,
  place: (p: Point) => Point = (p) => p,
): Float32Array {
  const group = pointGroup(name);
  const blobs = subunit().flatMap((p) =>
    Array.from({ length: group.order }, (_, g) => {
      const [xA, yA, zA] = place(turnedPoint(group.matrices, 9 * g, p));
      return { xA, yA, zA, sigmaA: 4, weight: 1 };
    }),
  );
  return blobDensityInto(new Float32Array(boxPx ** 3), boxPx, pixelSizeA, makeBlobs(blobs));
}
