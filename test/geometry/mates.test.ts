import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { matesOf, nearestMate } from "../../src/geometry/mates.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { fromRotationVectorInto, multiplyInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";

const mates = (group: string, subgroup: string) => matesOf(pointGroup(group), pointGroup(subgroup));

describe("mates of a pseudo-symmetric pose", () => {
  test("a group that is none of the larger one's subgroups on its axes is refused", () => {
    expect(() => mates("C4", "C3")).toThrow(UsageError);
    expect(() => mates("C4", "C3")).toThrow("expected a subgroup of C4 on the same axes, got C3");
    // C2 has its axis on z, where D3 has its 3-fold.
    expect(() => mates("D3", "C2")).toThrow(UsageError);
  });

  test.each([
    ["C4", "C1", 4],
    ["C4", "C2", 2],
    ["D4", "C4", 2],
    ["O", "D4", 3],
    ["O", "C1", 24],
    ["I", "C1", 60],
    ["C4", "C4", 1],
  ])("%s over %s has as many as the orders' ratio, no two alike under the subgroup", (group, subgroup, count) => {
    const found = mates(group, subgroup);
    expect(found.count).toBe(count);
    expect([...found.quaternions.subarray(0, 4)]).toEqual([1, 0, 0, 0]);
    const identity = Float64Array.of(1, 0, 0, 0);
    for (let g = 0; g < count; g++) expect(nearestMate(found, identity, 0, found.quaternions, 4 * g)).toBe(g);
  });

  test("the nearest mate is found through a disturbance and any element of the subgroup", () => {
    const found = mates("O", "C4");
    const [anchor, moved, turn] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
    uniformRotationInto(anchor, 0, 0.3, 0.7, 0.1);
    fromRotationVectorInto(turn, 0, 0.1, -0.15, 0.05);
    for (let g = 0; g < found.count; g++) {
      for (let h = 0; h < 4; h++) {
        multiplyInto(moved, 0, found.quaternions, 4 * g, anchor, 0);
        multiplyInto(moved, 0, found.subgroup.quaternions, 4 * h, moved, 0);
        multiplyInto(moved, 0, moved, 0, turn, 0);
        expect(nearestMate(found, anchor, 0, moved, 0)).toBe(g);
      }
    }
  });
});
