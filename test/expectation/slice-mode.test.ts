import { describe, expect, test } from "vitest";
import { chooseSliceMode, groupSizeFor, type SliceCosts } from "../../src/expectation/slices/cost.ts";
import { unitsOf } from "../../src/expectation/slices/units.ts";

const BASE: SliceCosts = {
  ranks: 8,
  groupSize: 2,
  unitCount: 64,
  unitBytes: 1e6,
  passes: 4,
  cutMs: 10,
  shiftMs: 1,
  compareMs: 100,
  heldBytesLimit: 1e9,
};

describe("how slices are shared", () => {
  test("a slow network: every rank cuts its own", () => {
    expect(chooseSliceMode({ ...BASE, shiftMs: 1000, compareMs: 1 }).mode).toBe("recompute");
  });

  test("transfers that compare hides, and no room for the set: the conveyor", () => {
    expect(chooseSliceMode({ ...BASE, heldBytesLimit: 1e6 }).mode).toBe("conveyor");
  });

  test("many passes and room for the set: gathered once", () => {
    expect(chooseSliceMode({ ...BASE, passes: 50 }).mode).toBe("allgather");
  });

  test("the literal all-reduce moves twice as much and is never chosen", () => {
    for (const passes of [1, 4, 50]) {
      const { mode, estimatesMs } = chooseSliceMode({ ...BASE, passes });
      expect(mode).not.toBe("allreduce");
      expect(estimatesMs.allreduce).toBeGreaterThan(estimatesMs.allgather);
    }
  });

  test("the conveyor costs 1/n of cutting where its transfers are hidden", () => {
    const { estimatesMs } = chooseSliceMode(BASE);
    expect(estimatesMs.conveyor).toBeCloseTo(estimatesMs.recompute / BASE.ranks, 9);
  });

  test.each([
    [1, 1],
    [4, 2],
    [5, 1],
    [12, 3],
    [64, 8],
  ])("%i ranks are grouped by %i", (ranks, size) => expect(groupSizeFor(ranks)).toBe(size));
});

test.each([0, 1, 16, 17, 500, 12_345, 300_000])("units of %i slices cover the set once, in order", (count) => {
  const units = unitsOf(count);
  let next = 0;
  for (const [index, unit] of units.entries()) {
    expect(unit).toMatchObject({ index, first: next });
    expect(unit.first % 16).toBe(0);
    expect(unit.count).toBeLessThanOrEqual(1024);
    next += unit.count;
  }
  expect(next).toBe(count);
});
