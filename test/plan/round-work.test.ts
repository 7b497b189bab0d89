import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../src/core/events.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { type PlanProblem, roundWork, stageShell } from "../../src/plan/round-work.ts";
import { refine } from "../../src/refine/refine.ts";
import { makeTinyDataSet, type TinyDataSet } from "../support/tiny-data-set.ts";
import { makeProblem } from "./plan-scene.ts";

describe("a plan counts what refine does", () => {
  let data: TinyDataSet;
  beforeAll(() => {
    data = makeTinyDataSet({ count: 16 });
  });
  afterAll(() => data.remove());

  test("as many slices in the first round as the run reports, for two point groups", async () => {
    for (const symmetry of ["C1", "D2"]) {
      const log = new MemoryLog();
      const input = { particles: data.particles, reference: data.reference, out: data.path(symmetry), symmetry };
      await refine({ ...input, maxRounds: 1, threads: 1 }, { signal: new AbortController().signal, log });
      const scan = log.events.find((event) => event.name === "expectation.scan")!;
      const start = log.events.find((event) => event.name === "round.start")!;
      const problem: PlanProblem = makeProblem({
        particleCount: 16,
        boxPx: 16,
        pixelSizeA: 4,
        diameterA: 0.9 * 64,
        group: pointGroup(symmetry),
      });
      const work = roundWork(problem, "first");
      expect(work.radiusShell).toBe(start.fields["radiusShell"]);
      expect(work.scan!.sliceCount).toBe(scan.fields["total"]);
    }
  });
});

test("the paper's example: 15 Å of a 211 Å box are 14 shells, C4 leaves a quarter of the poses", () => {
  const cng = makeProblem({ boxPx: 160, pixelSizeA: 1.32, diameterA: 160, finestResolutionA: 4 });
  expect(stageShell({ ...cng, finestResolutionA: 15 }, "local")).toBe(14);
  const whole = roundWork(cng, "global").scan!;
  const quarter = roundWork({ ...cng, group: pointGroup("C4") }, "global").scan!;
  expect(whole.shell).toBe(quarter.shell);
  // Whole views are kept or left out: of a coarse grid's few, a quarter is not exact.
  expect(whole.sliceCount / quarter.sliceCount).toBeGreaterThan(3.5);
  expect(whole.sliceCount / quarter.sliceCount).toBeLessThan(4.5);
});

test("a round inserts twelve shells more than it compares, the final maps go to the edge of the box", () => {
  const problem = makeProblem();
  const local = roundWork(problem, "local");
  expect(local.insertedShell).toBe(Math.min(32, local.radiusShell + 12));
  expect(roundWork(problem, "final").insertedShell).toBe(32);
  expect(local.scan).toBeNull();
  expect(local.expectation.scorePoints).toBeGreaterThan(0);
});
