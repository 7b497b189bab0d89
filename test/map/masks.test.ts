import { describe, expect, test } from "vitest";
import { DataError, ShapeError, UsageError } from "../../src/core/errors.ts";
import { makeDistanceMap } from "../../src/map/distance.ts";
import { applyMaskInto, circleMaskInto, sphereMaskInto } from "../../src/map/masks.ts";
import { makeSolventMask, solventThreshold } from "../../src/map/solvent-mask.ts";
import { medianAndDeviation, statisticsOf } from "../../src/map/statistics.ts";
import { noise } from "./plain-fft.ts";

describe("round masks", () => {
  test("wrong lengths and negative radii are refused", () => {
    expect(() => sphereMaskInto(new Float32Array(10), 8, 3)).toThrow(ShapeError);
    expect(() => circleMaskInto(new Float32Array(64), 8, -1)).toThrow(UsageError);
    expect(() => applyMaskInto(new Float32Array(8), new Float32Array(9), new Float32Array(8))).toThrow(ShapeError);
  });

  test.each([32, 33])("a sphere in a %i box is 1 to its radius, ½ in the middle of its edge, 0 beyond", (boxPx) => {
    const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, 8, 6);
    const centre = Math.floor(boxPx / 2);
    const along = (x: number) => mask[(centre * boxPx + centre) * boxPx + centre + x]!;
    expect([along(0), along(8), along(-8)]).toEqual([1, 1, 1]);
    expect(along(11)).toBeCloseTo(0.5, 7);
    expect(along(-11)).toBeCloseTo(0.5, 7);
    // ½ + ½ cos(π/6) one voxel out.
    expect(along(9)).toBeCloseTo(0.9330127, 6);
    expect([along(14), along(15)]).toEqual([0, 0]);
    expect(mask[(centre * boxPx + centre + 9) * boxPx + centre]).toBe(along(9));
    expect(mask[((centre + 9) * boxPx + centre) * boxPx + centre]).toBe(along(9));
  });

  test("the volume of a hard sphere is 4/3 π r³", () => {
    const mask = sphereMaskInto(new Float32Array(40 ** 3), 40, 15, 0);
    // 1 %: voxels cut by the surface.
    expect(mask.reduce((sum, value) => sum + value, 0) / ((4 / 3) * Math.PI * 15 ** 3)).toBeCloseTo(1, 2);
  });

  test("a circle is the sphere's middle slice", () => {
    const sphere = sphereMaskInto(new Float32Array(20 ** 3), 20, 5, 4);
    const circle = circleMaskInto(new Float32Array(400), 20, 5, 4);
    expect(circle).toEqual(sphere.subarray(10 * 400, 11 * 400));
  });
});

describe("distances", () => {
  test("are those of a search through all voxels of the set", () => {
    const n = 9;
    const isInside = Uint8Array.from(noise(n ** 3, 11), (value) => (value > 2 ? 1 : 0));
    const points = [...isInside.keys()].filter((i) => isInside[i]);
    expect(points.length).toBeGreaterThan(2);
    const distance = makeDistanceMap(isInside, n);
    const at = (i: number) => [i % n, Math.floor(i / n) % n, Math.floor(i / n ** 2)] as const;
    for (let i = 0; i < n ** 3; i++) {
      const [x, y, z] = at(i);
      const nearest = Math.min(...points.map((p) => Math.hypot(at(p)[0] - x, at(p)[1] - y, at(p)[2] - z)));
      expect(distance[i]).toBeCloseTo(nearest, 5);
    }
  });
});

describe("the solvent mask", () => {
  const n = 32;
  const ball = (cx: number, radius: number) => (i: number) =>
    Math.hypot((i % n) - cx, (Math.floor(i / n) % n) - 16, Math.floor(i / n ** 2) - 16) <= radius ? 1 : 0;
  const inMain = ball(12, 5);
  const inSpeck = ball(27, 2);
  const grains = noise(n ** 3, 12);
  const map = Float32Array.from({ length: n ** 3 }, (_, i) => inMain(i) + inSpeck(i) + 0.03 * grains[i]!);

  test("a map without density above the threshold is refused", () => {
    expect(() => makeSolventMask(new Float32Array(n ** 3), n, { threshold: 1 })).toThrow(DataError);
  });

  test("the threshold lies between noise and molecule", () => {
    const threshold = solventThreshold(map, n, 15);
    expect(threshold).toBeGreaterThan(0.1);
    expect(threshold).toBeLessThan(0.5);
  });

  test("it holds the largest piece, grown by extendPx, and no speck", () => {
    const mask = makeSolventMask(map, n, { radiusPx: 15, extendPx: 3, edgePx: 4 });
    for (let i = 0; i < mask.length; i++) if (inMain(i)) expect(mask[i]).toBe(1);
    const along = (x: number) => mask[(16 * n + 16) * n + x]!;
    expect(along(20)).toBe(1);
    expect(along(22)).toBeCloseTo(0.5, 6);
    expect(along(24)).toBe(0);
    expect(along(27)).toBe(0);
  });
});

describe("statistics", () => {
  test("mean and deviation keep their digits on a large offset, and count what is not finite", () => {
    const values = [1e6 + 1, 1e6 + 3, Number.NaN, Number.POSITIVE_INFINITY];
    expect(statisticsOf(values)).toEqual({
      min: 1e6 + 1,
      max: 1e6 + 3,
      mean: 1e6 + 2,
      standardDeviation: 1,
      notFiniteCount: 2,
    });
    expect(statisticsOf([])).toMatchObject({ mean: 0, standardDeviation: 0 });
  });

  test("the robust deviation of normal numbers with outliers is that of the normal numbers", () => {
    const values = noise(4001, 13);
    values.fill(1e4, 0, 100);
    const { median, deviation } = medianAndDeviation(values);
    expect(Math.abs(median)).toBeLessThan(0.1);
    expect(deviation).toBeGreaterThan(0.9);
    expect(deviation).toBeLessThan(1.15);
    expect(medianAndDeviation([4, 1, 3, 2]).median).toBe(2.5);
  });
});
