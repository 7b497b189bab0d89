import fc from "fast-check";
import { expect, test } from "vitest";
import { MODEL_MODES } from "../../src/plan/maximization-phase.ts";
import { heldShare, paperModelBytes, rankMemory } from "../../src/plan/rank-memory.ts";
import { roundWork } from "../../src/plan/round-work.ts";
import { planMemory } from "../../src/refine/plan.ts";
import { makeProblem } from "./plan-scene.ts";

const problem = makeProblem({ checkpointParticles: 256, batchParticles: 0 });
const work = roundWork(problem, "local");
const memoryOf = (rankCount: number, modelMode: (typeof MODEL_MODES)[number], limitBytes = 1e10, modelGroups = 1) =>
  rankMemory({ problem, work, rankCount, sliceMode: "recompute", groupSize: 1, modelMode, modelGroups, limitBytes });

test("one rank holds what the plan of a run on one process says", () => {
  const run = planMemory({
    boxPx: problem.boxPx,
    particleCount: problem.particleCount,
    bandPixelCount: work.bandPixelCount,
    paddingFactor: 2,
    points: 384,
    rotations: 96,
    blockSize: 256,
    batchParticles: 0,
    limitBytes: 1e10,
    storedBytes: 4 * 64 * 64 * problem.particleCount,
  });
  const rank = memoryOf(1, "replicated");
  expect(rank.expectation.total).toBe(run.expectationBytes);
  expect(rank.maximization.total - rank.maximization.images).toBe(run.maximizationBytes);
  expect(rank.final.total - rank.final.images).toBe(run.finalBytes);
  expect(rank.storedBytes).toBe(rank.residentBytes);
});

test("the paper's model is 4 volumes on every rank, 1 + 3/n, or 4/n", () => {
  const unit = 8 * 512 * 512 * 257;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4096 }), (n) => {
      expect(paperModelBytes("replicated", n, 256, 2)).toBe(4 * unit);
      expect(paperModelBytes("allgather", n, 256, 2) / unit).toBeCloseTo(1 + 3 / n, 9);
      expect(paperModelBytes("slab", n, 256, 2) / unit).toBeCloseTo(4 / n, 9);
    }),
  );
});

test("groups hold a model each", () => {
  expect(heldShare("slab", 16, 4).sums).toBe(1 / 4);
  expect(heldShare("allgather", 16, 1)).toEqual({ sums: 1 / 16, grid: 1, maps: 1 });
});

test("more ranks never need more memory each, and slabs never more than the other models", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.constantFrom(...MODEL_MODES), (n, mode) => {
      const fewer = memoryOf(n, mode);
      const more = memoryOf(2 * n, mode);
      for (const stage of ["expectation", "maximization", "final"] as const) {
        expect(more[stage].total).toBeLessThanOrEqual(fewer[stage].total);
      }
      expect(memoryOf(n, "slab").final.total).toBeLessThanOrEqual(fewer.final.total);
    }),
    { numRuns: 30 },
  );
});

test("raw images stay in memory only as far as there is room", () => {
  const roomy = memoryOf(1, "replicated");
  expect(roomy.residentBytes).toBe(roomy.storedBytes);
  expect(memoryOf(1, "replicated", 1e8).residentBytes).toBeLessThan(roomy.storedBytes);
});
