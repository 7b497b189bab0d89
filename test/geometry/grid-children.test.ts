import { describe, expect, test } from "vitest";
import { childrenOf } from "../../src/geometry/grid-children.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { angleBetweenRad, multiplyInto } from "../../src/geometry/quaternion.ts";
import { makeViewGrid } from "../../src/geometry/so3-grid.ts";

const TURN = Float64Array.of(0.5, 0.5, -0.5, 0.5);

describe.each(["C1", "D2", "T"])("%s", (name) => {
  const group = pointGroup(name);
  const coarse = makeViewGrid({ stepRad: 0.5, turn: TURN, group });
  const fine = makeViewGrid({ stepRad: 0.33, turn: TURN, group });
  const { start, child } = childrenOf(coarse, fine, group);

  /** Angle to the nearest symmetry mate. */
  function distanceRad(c: number, f: number): number {
    const mate = new Float64Array(4);
    let least = Number.POSITIVE_INFINITY;
    for (let g = 0; g < group.order; g++) {
      multiplyInto(mate, 0, group.quaternions, 4 * g, coarse.quaternions, 4 * c);
      least = Math.min(least, angleBetweenRad(mate, 0, fine.quaternions, 4 * f));
    }
    return least;
  }

  test("every fine rotation is the child of exactly one coarse one", () => {
    expect(start[coarse.count]).toBe(fine.count);
    expect(Array.from(child).sort((a, b) => a - b)).toEqual(Array.from({ length: fine.count }, (_, i) => i));
  });

  test("the parent is the nearest coarse rotation, symmetry mates included, as brute force finds it", () => {
    for (let c = 0; c < coarse.count; c++) {
      for (let at = start[c]!; at < start[c + 1]!; at += 3) {
        const least = Math.min(...Array.from({ length: coarse.count }, (_, other) => distanceRad(other, child[at]!)));
        expect(distanceRad(c, child[at]!)).toBeLessThan(least + 1e-6);
      }
    }
  });
});
