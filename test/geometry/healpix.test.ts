import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { healpixCount, makeHealpixDirections } from "../../src/geometry/healpix.ts";

// Rings of RELION 3.1.3's HEALPix order 2 sampling (192 directions): tilt in degrees, the smallest rot, the number.
const RELION_ORDER_2 = [
  [11.715852, 45, 4],
  [23.556464, 22.5, 8],
  [35.659088, 15, 12],
  [48.189685, 11.25, 16],
  [60, 0, 16],
  [70.528779, 11.25, 16],
  [80.405932, 0, 16],
  [90, 11.25, 16],
  [99.594068, 0, 16],
  [109.471221, 11.25, 16],
  [120, 0, 16],
  [131.810315, 11.25, 16],
  [144.340912, 15, 12],
  [156.443536, 22.5, 8],
  [168.284148, 45, 4],
] as const;

describe("HEALPix directions", () => {
  test.each([0, -1, 1.5, Number.NaN])("nside %s is refused", (nside) => {
    expect(() => makeHealpixDirections(nside)).toThrow(UsageError);
  });

  test("nside 4 gives the rings of RELION's order 2 sampling", () => {
    const directions = makeHealpixDirections(4);
    expect(directions.length).toBe(2 * 192);
    const degrees = 180 / Math.PI;
    let pixel = 0;
    for (const [tiltDeg, firstRotDeg, count] of RELION_ORDER_2) {
      for (let j = 0; j < count; j++, pixel++) {
        expect(directions[2 * pixel]! * degrees).toBeCloseTo(firstRotDeg + (j * 360) / count, 10);
        expect(directions[2 * pixel + 1]! * degrees).toBeCloseTo(tiltDeg, 5);
      }
    }
  });

  test.each([1, 2, 3, 5, 7, 12])(
    "the directions of nside %i sum to zero and their outer products to a third",
    (nside) => {
      const directions = makeHealpixDirections(nside);
      const count = healpixCount(nside);
      expect(directions.length).toBe(2 * count);
      const mean = [0, 0, 0];
      const square = [0, 0, 0];
      for (let pixel = 0; pixel < count; pixel++) {
        const [rot, tilt] = [directions[2 * pixel]!, directions[2 * pixel + 1]!];
        const v = [Math.sin(tilt) * Math.cos(rot), Math.sin(tilt) * Math.sin(rot), Math.cos(tilt)];
        for (let i = 0; i < 3; i++) {
          mean[i]! += v[i]! / count;
          square[i]! += v[i]! ** 2 / count;
        }
      }
      for (const value of mean) expect(value).toBeCloseTo(0, 13);
      // HEALPix centres are equal-area, not an exact quadrature: second moments are off by O(nside^-4).
      for (const value of square) expect(Math.abs(value - 1 / 3)).toBeLessThan(0.06 / nside ** 2);
    },
  );
});
