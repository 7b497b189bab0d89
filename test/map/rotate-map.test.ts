import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { eulerToMatrixInto } from "../../src/geometry/euler.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makeBlobs } from "../../src/map/blobs.ts";
import { rotateMap } from "../../src/map/rotate-map.ts";

const BOX = 24;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const POINTS = [
  [4, -2, 3],
  [-3, 5, 1],
  [1, 1, -6],
] as const;

function density(points: readonly (readonly number[])[], boxPx = BOX): Float32Array {
  const blobs = makeBlobs(points.map(([xA, yA, zA], i) => ({ xA: xA!, yA: yA!, zA: zA!, sigmaA: 1.4, weight: 1 + i })));
  return blobDensityInto(new Float32Array(boxPx ** 3), boxPx, 1, blobs);
}

test("a map that is no cube of the box is refused", () => {
  expect(() => rotateMap(new Float32Array(10), BOX, IDENTITY, [0, 0, 0])).toThrow(ShapeError);
});

test("no turn and no move give the map back, in an odd box too", () => {
  for (const boxPx of [BOX, BOX + 1]) {
    const map = density(POINTS, boxPx);
    expect(Math.max(...rotateMap(map, boxPx, IDENTITY, [0, 0, 0]).map((v, i) => Math.abs(v - map[i]!)))).toBeLessThan(
      1e-15,
    );
  }
});

test("a turned sum of Gaussians is the sum of Gaussians at the turned places", () => {
  const matrix = new Float64Array(9);
  eulerToMatrixInto(matrix, 0, 0.6, 1.0, -0.3);
  const centre = [0.7, -1.2, 0.4] as const;
  // What lies at R x + c comes to lie at x: a Gaussian at p goes to Rᵀ (p − c).
  const moved = POINTS.map((p) => {
    const d = p.map((value, i) => value - centre[i]!);
    return [0, 3, 6].map((_, i) => matrix[i]! * d[0]! + matrix[3 + i]! * d[1]! + matrix[6 + i]! * d[2]!);
  });
  const expected = density(moved);
  const actual = rotateMap(density(POINTS), BOX, matrix, centre);
  const peak = Math.max(...expected);
  // 1 % of the peak: a Gaussian of 1.4 voxels reaches beyond the kernel's flat band.
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(0.01 * peak);
});
