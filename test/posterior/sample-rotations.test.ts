import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleFactorsInto, sampleRotations } from "../../src/posterior/sample-rotations.ts";

const OFFSETS = 800;
const offsets = Array.from({ length: OFFSETS }, (_, i) => (i + 0.5) / OFFSETS);

const masses = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1, noNaN: true })), { minLength: 1, maxLength: 40 })
  .filter((values) => values.some((v) => v > 0))
  .map((values) => {
    const total = values.reduce((a, b) => a + b, 0);
    return Float64Array.from(values, (v) => v / total);
  });

test("over all offsets every mass is kept on average as it was, and each sample has the whole mass in at most `keep` of them", () => {
  fc.assert(
    fc.property(masses, fc.integer({ min: 1, max: 45 }), (mass, keep) => {
      const factors = new Float64Array(mass.length);
      const mean = new Float64Array(mass.length);
      for (const offset of offsets) {
        sampleFactorsInto(factors, mass, keep, offset);
        expect(factors.filter((f) => f > 0).length).toBeLessThanOrEqual(keep);
        let total = 0;
        for (const [m, f] of factors.entries()) {
          total += f * mass[m]!;
          mean[m]! += (f * mass[m]!) / OFFSETS;
        }
        expect(Math.abs(total - 1)).toBeLessThan(1e-9);
      }
      // 4e-3: a drawn mass is right to within a few offsets of the 800.
      for (const [m, value] of mean.entries()) expect(Math.abs(value - mass[m]!)).toBeLessThan(4e-3);
    }),
    { numRuns: 60 },
  );
});

test("heavy masses keep their weight, light ones all stand for the same", () => {
  const mass = Float64Array.of(0.4, 0.01, 0.02, 0.3, 0.03, 0.04, 0.05, 0.15);
  const factors = new Float64Array(8);
  sampleFactorsInto(factors, mass, 5, 0.37);
  const kept = Array.from(mass, (m, i) => m * factors[i]!);
  expect(kept[0]).toBe(0.4);
  expect(kept[3]).toBe(0.3);
  expect(kept[7]).toBe(0.15);
  // κ = (0.01 + 0.02 + 0.03 + 0.04 + 0.05)/2, twice.
  const drawn = [1, 2, 4, 5, 6].map((i) => kept[i]!).filter((m) => m > 0);
  expect(drawn).toHaveLength(2);
  for (const m of drawn) expect(m).toBeCloseTo(0.075, 12);
});

test("a rotation is kept with all its shifts in their proportions; places left over weigh nothing and hold a rotation", () => {
  const [M, T] = [6, 2];
  const points = {
    rotationsPerImage: M,
    shiftsPerRotation: T,
    rotations: Float32Array.from({ length: 2 * M * 4 }, (_, i) => i),
    shiftsPx: Float32Array.from({ length: 2 * M * T * 2 }, (_, i) => i),
    // The first image has two rotations with weight, the second (failed) none.
    weights: Float32Array.of(0, 0, 0.25, 0.5, 0, 0, 0.25, 0, 0, 0, 0, 0, ...new Array(M * T).fill(0)),
  };
  const kept = sampleRotations(points, 4, () => 0.5);
  expect(Array.from(kept.weights.subarray(0, 8))).toEqual([0.25, 0.5, 0.25, 0, 0, 0, 0, 0]);
  expect(Array.from(kept.rotations.subarray(0, 16))).toEqual([4, 5, 6, 7, 12, 13, 14, 15, 1, 0, 0, 0, 1, 0, 0, 0]);
  expect(Array.from(kept.shiftsPx.subarray(0, 8))).toEqual([4, 5, 6, 7, 12, 13, 14, 15]);
  expect(kept.weights.subarray(8).every((w) => w === 0)).toBe(true);
  expect(sampleRotations(points, M, () => 0.5)).toBe(points);
});
