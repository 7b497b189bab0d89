import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { makeHealpixDirections } from "../../src/geometry/healpix.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { measureSampling } from "../../src/validation/fourier-sampling.ts";
import { measureViewDensity } from "../../src/validation/view-density.ts";
import { readViews, withMates } from "../../src/validation/views.ts";

const folder = mkdtempSync(join(tmpdir(), "vitreous-views-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function vectors(rotTilt: ArrayLike<number>): Float64Array {
  const out = new Float64Array((3 * rotTilt.length) / 2);
  for (let i = 0; i < rotTilt.length / 2; i++) {
    const [rot, tilt] = [rotTilt[2 * i]!, rotTilt[2 * i + 1]!];
    out.set([Math.sin(tilt) * Math.cos(rot), Math.sin(tilt) * Math.sin(rot), Math.cos(tilt)], 3 * i);
  }
  return out;
}

const uniform = vectors(makeHealpixDirections(40));
const equal = (views: Float64Array) => new Float64Array(views.length / 3).fill(1);

describe("the sampling compensation factor", () => {
  test("of uniform views is 1", () => {
    const found = measureSampling(uniform, equal(uniform), 10);
    expect(found.compensation).toBeGreaterThan(0.995);
    expect(found.compensation).toBeLessThanOrEqual(1);
    expect(found.unsampledShare).toBe(0);
  });

  test("of side views of all azimuths is 8/π², by integrating 1/s = (π/2) sin θ over the sphere", () => {
    const side = vectors(Array.from({ length: 4000 }, (_, i) => [(2 * Math.PI * i) / 2000 + 1e-3, Math.PI / 2]).flat());
    const found = measureSampling(side, equal(side), 40);
    // 0.01: the planes are 1/K thick, so the pole is not sampled without bound.
    expect(Math.abs(found.compensation - 8 / Math.PI ** 2)).toBeLessThan(0.01);
  });

  test("of one view is almost nothing, and what it leaves out is said", () => {
    const found = measureSampling(Float64Array.of(0, 0, 1), Float64Array.of(1), 20);
    // The plane z = 0, 1/K thick: a share 1/(2K) of the sphere.
    expect(found.unsampledShare).toBeGreaterThan(0.95);
    expect(found.compensation).toBeLessThan(0.05);
  });

  test("falls when views are taken away, and a weight of 0 takes a view away", () => {
    const weights = equal(uniform).map((_, i) => (Math.abs(uniform[3 * i + 2]!) > 0.5 ? 1 : 0));
    const kept = Float64Array.from(
      { length: 3 * weights.filter((w) => w === 1).length },
      (
        (indices) => (_: unknown, i: number) =>
          uniform[3 * indices[Math.floor(i / 3)]! + (i % 3)]!
      )(Array.from(weights.keys()).filter((i) => weights[i] === 1)),
    );
    const found = measureSampling(uniform, weights, 10);
    expect(found.compensation).toBeLessThan(0.9);
    expect(measureSampling(kept, equal(kept), 10).compensation).toBeCloseTo(found.compensation, 10);
  });

  test("a four-fold axis mends what tilted views of one azimuth leave out", () => {
    const views = {
      count: 500,
      directions: vectors(Array.from({ length: 500 }, (_, i) => [0.3 + 1e-3 * i, 1.2]).flat()),
    };
    const input = { ...views, weights: equal(views.directions) };
    const one = withMates(input, pointGroup("C1"), 1e6);
    const four = withMates(input, pointGroup("C4"), 1e6);
    expect(four.weights.length).toBe(2000);
    const factor = (set: typeof one) => measureSampling(set.directions, set.weights, 10).compensation;
    expect(factor(four)).toBeGreaterThan(2 * factor(one));
  });
});

describe("the density of views", () => {
  test("of uniform views is 1 everywhere, of views from one pole all of it is there", () => {
    const even = measureViewDensity(uniform, equal(uniform));
    for (const tilt of [0.05, 0.8, 1.6, 3]) expect(Math.abs(even.at(1, tilt) - 1)).toBeLessThan(0.25);
    expect(even.emptyShare).toBe(0);
    const top = measureViewDensity(Float64Array.of(0, 0, 1), Float64Array.of(1));
    expect(top.emptyShare).toBeGreaterThan(0.99);
    expect(top.at(0, Math.PI / 2)).toBe(0);
  });
});

describe("views of a particle file", () => {
  const star = (rows: readonly string[]) => {
    const path = join(folder, "views.star");
    const labels = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "vitGoodProbability"];
    writeFileSync(
      path,
      ["data_particles", "", "loop_", ...labels.map((l, i) => `_${l} #${i + 1}`), ...rows, ""].join("\n"),
    );
    return path;
  };

  test("without poses is refused", () => {
    const path = join(folder, "none.star");
    writeFileSync(path, "data_particles\n\nloop_\n_rlnImageName #1\n1@a.mrcs\n");
    expect(() => readViews(path)).toThrow(DataError);
    expect(() => readViews(path)).toThrow("expected particles with rlnAngleRot and rlnAngleTilt");
  });

  test("have the direction (cos rot sin tilt, sin rot sin tilt, cos tilt), whatever psi", () => {
    const views = readViews(star(["0 0 77 1", "0 90 5 0.5", "90 90 -20 2e-3", "180 60 0 1"]));
    const sine = Math.sin(Math.PI / 3);
    const wanted = [0, 0, 1, 1, 0, 0, 0, 1, 0, -sine, 0, 0.5];
    wanted.forEach((value, i) => {
      expect(views.directions[i]).toBeCloseTo(value, 12);
    });
    expect([...views.weights]).toEqual([1, 0.5, 2e-3, 1]);
  });
});
