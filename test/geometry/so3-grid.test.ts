import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { normalPair, philox4x32, uniform01 } from "../../src/core/random.ts";
import { nearestMateInto, symmetricAngleRad } from "../../src/geometry/asymmetric-unit.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import {
  angleBetweenRad,
  dot,
  multiplyInto,
  normaliseInto,
  uniformRotationInto,
} from "../../src/geometry/quaternion.ts";
import { makeRotationGrid, makeViewGrid } from "../../src/geometry/so3-grid.ts";

const SEED = 20240;

function randomRotations(count: number): Float64Array {
  const words = new Uint32Array(4);
  const rotations = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    philox4x32(words, SEED, 0, i, 0, 0, 0);
    uniformRotationInto(rotations, 4 * i, uniform01(words[0]!), uniform01(words[1]!), uniform01(words[2]!));
  }
  return rotations;
}

const degrees = Math.PI / 180;
const turns = randomRotations(400);
const turn = turns.slice(0, 4);

/** Angle from each test rotation to the nearest mate of a grid point. */
function distances(grid: Float64Array, name: string): number[] {
  const group = pointGroup(name);
  const mate = new Float64Array(4);
  return Array.from({ length: 200 }, (_, i) => {
    let nearest = 0;
    for (let g = 0; g < group.order; g++) {
      multiplyInto(mate, 0, group.quaternions, 4 * g, turns, 4 * i);
      for (let o = 0; o < grid.length; o += 4) nearest = Math.max(nearest, Math.abs(dot(mate, 0, grid, o)));
    }
    return 2 * Math.acos(Math.min(1, nearest));
  });
}

describe("rotation grids", () => {
  test.each([0, -1, 4, Number.NaN])("a step of %s rad is refused", (stepRad) => {
    expect(() => makeRotationGrid({ stepRad })).toThrow(UsageError);
  });

  test("a 15° grid has HEALPix nside 4 views and 24 in-plane angles, view by view", () => {
    const grid = makeViewGrid({ stepRad: 15 * degrees, turn });
    expect([grid.viewCount, grid.inPlaneCount, grid.count]).toEqual([192, 24, 4608]);
    expect(grid.quaternions).toHaveLength(4 * 4608);
    const q = grid.quaternions;
    for (let point = 0; point < grid.count; point++) {
      expect(Math.hypot(q[4 * point]!, q[4 * point + 1]!, q[4 * point + 2]!, q[4 * point + 3]!)).toBeCloseTo(1, 12);
      if (point % 24 === 0) continue;
      expect(angleBetweenRad(q, 4 * point - 4, q, 4 * point)).toBeCloseTo(15 * degrees, 10);
    }
  });

  test("turning the grid keeps all distances and moves every point", () => {
    const still = makeRotationGrid({ stepRad: 0.5 });
    const turned = makeRotationGrid({ stepRad: 0.5, turn });
    const back = new Float64Array(4);
    for (let o = 0; o < still.length; o += 4) {
      multiplyInto(back, 0, turn, 0, still, o);
      expect(angleBetweenRad(back, 0, turned, o)).toBeLessThan(1e-12);
    }
  });

  test.each(["C1", "C4", "D2", "D7", "T", "O", "I1"])("%s leaves its share of the grid, to the unit's edge", (name) => {
    const group = pointGroup(name);
    const stepRad = 4 * degrees;
    const full = makeViewGrid({ stepRad });
    const unit = makeViewGrid({ stepRad, turn, group });
    const expected = full.viewCount / group.order;
    // The edge cuts about √views pixels, each counted or not.
    expect(Math.abs(unit.viewCount - expected)).toBeLessThan(1 + Math.sqrt(expected));
  });

  test.each(["C1", "C4", "D7", "T", "O", "I2"])(
    "%s: the mates of a 12° grid leave no hole wider than a step",
    (name) => {
      const found = distances(makeRotationGrid({ stepRad: 12 * degrees, turn, group: pointGroup(name) }), name);
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      // A cubic cell of side h: mean distance to its centre 0.48 h, corner 0.87 h; at the unit's edge up to twice that.
      expect(mean).toBeLessThan(0.56 * 12 * degrees);
      expect(Math.max(...found)).toBeLessThan(1.2 * 12 * degrees);
    },
  );

  test.each(["C1", "D2", "O"])("%s: the mates of the grid are uniform: every fourth moment is that of S³", (name) => {
    const group = pointGroup(name);
    const grid = makeRotationGrid({ stepRad: 8 * degrees, turn, group });
    const moments = new Float64Array(16);
    const mate = new Float64Array(4);
    const count = (grid.length / 4) * group.order;
    for (let g = 0; g < group.order; g++) {
      for (let o = 0; o < grid.length; o += 4) {
        multiplyInto(mate, 0, group.quaternions, 4 * g, grid, o);
        for (let i = 0; i < 4; i++) {
          for (let j = 0; j < 4; j++) moments[4 * i + j]! += (mate[i]! * mate[j]!) ** 2 / count;
        }
      }
    }
    // <q_i⁴> = 3/24 and <q_i² q_j²> = 1/24 on the unit sphere of four dimensions.
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) expect(Math.abs(moments[4 * i + j]! - (i === j ? 3 : 1) / 24)).toBeLessThan(0.002);
    }
  });
});

describe("the asymmetric unit", () => {
  test.each(["C1", "C3", "D2", "O", "I2"])(
    "%s: all mates of a rotation fold onto one, the nearest to the anchor",
    (name) => {
      const group = pointGroup(name);
      const [mate, folded, first] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
      for (let i = 0; i < 50; i++) {
        const anchor = 4 * (i + 100);
        nearestMateInto(first, 0, turns, 4 * i, turns, anchor, group);
        for (let g = 0; g < group.order; g++) {
          multiplyInto(mate, 0, group.quaternions, 4 * g, turns, 4 * i);
          expect(angleBetweenRad(first, 0, turns, anchor)).toBeLessThan(
            angleBetweenRad(mate, 0, turns, anchor) + 1e-12,
          );
          nearestMateInto(folded, 0, mate, 0, turns, anchor, group);
          expect(angleBetweenRad(folded, 0, first, 0)).toBeLessThan(1e-12);
          expect(symmetricAngleRad(mate, 0, turns, 4 * i, group)).toBeLessThan(1e-12);
        }
        expect(dot(first, 0, turns, anchor)).toBeGreaterThanOrEqual(0);
      }
    },
  );

  test("folding may write over its input", () => {
    const group = pointGroup("O");
    const q = Float64Array.of(0, 0, 0, 1);
    nearestMateInto(q, 0, q, 0, Float64Array.of(1, 0, 0, 0), 0, group);
    expect(Math.abs(q[0]!)).toBeCloseTo(1, 12);
  });

  test("four normal numbers, normalised, are a uniform rotation: half of them lie within 2.0 rad of the identity", () => {
    const words = new Uint32Array(4);
    const q = new Float64Array(4);
    const identity = Float64Array.of(1, 0, 0, 0);
    const count = 20000;
    let within = 0;
    for (let i = 0; i < count; i++) {
      philox4x32(words, SEED, 1, i, 0, 0, 0);
      normalPair(q, 0, words[0]!, words[1]!);
      normalPair(q, 2, words[2]!, words[3]!);
      normaliseInto(q, 0, q, 0);
      if (angleBetweenRad(q, 0, identity, 0) < 2) within++;
    }
    // 0.012: three standard errors of a share of one half among 20000.
    expect(Math.abs(within / count - (2 - Math.sin(2)) / Math.PI)).toBeLessThan(0.012);
  });
});
