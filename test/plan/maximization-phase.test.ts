import fc from "fast-check";
import { expect, test } from "vitest";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { modelUnitBytes } from "../../src/maximization/model-ranks.ts";
import { clusterPresets } from "../../src/plan/cluster-model.ts";
import { sentToOwners } from "../../src/plan/insertion-work.ts";
import { kernelSeconds } from "../../src/plan/kernel-rates.ts";
import { MODEL_MODES } from "../../src/plan/maximization-phase.ts";
import { maximizationTime } from "../../src/plan/round-time.ts";
import { roundWork } from "../../src/plan/round-work.ts";
import { freeNetwork, makeProblem, makeSetting, plainModes } from "./plan-scene.ts";

const work = roundWork(makeProblem(), "local");
const timeOf = (n: number, changes: Parameters<typeof makeSetting>[0] = {}, modes: Partial<typeof plainModes> = {}) =>
  maximizationTime(makeSetting(changes), work, n, { ...plainModes, ...modes });

test("on one rank the replicated phase is the sum of its kernels, its orchestration and its files", () => {
  const { rates, cluster, problem } = makeSetting();
  const seconds = (flops: Parameters<typeof kernelSeconds>[0]) => kernelSeconds(flops, rates, cluster.node);
  const perImage = seconds(work.maximization) + rates.hostSeconds.maximization;
  const maps =
    rates.hostSeconds.maximizationRound +
    2 * problem.boxPx ** 3 * (rates.hostSeconds.mapVoxel + 4e-9 / cluster.node.storageGBps);
  const known =
    problem.particleCount * perImage +
    2 * seconds(work.finish) +
    seconds(work.mapTransforms) +
    4 * (seconds(work.transform) + 10 * seconds(work.griddingStep)) +
    maps;
  expect(timeOf(1).seconds).toBeCloseTo(known, 9);
});

test("on a free network slabs divide the model's work by the ranks, up to the planes of the padded box", () => {
  const cluster = { ...clusterPresets.cluster, network: freeNetwork };
  const gridding = (n: number) => timeOf(n, { cluster }, { model: "slab" }).parts["gridding"]!;
  expect(gridding(16)).toBeCloseTo(gridding(1) / 16, 12);
  expect(gridding(65)).toBeCloseTo(gridding(1) / 65, 12);
  // 64 px padded to 128: 65 planes of a half-complex box.
  expect(gridding(1024)).toBeCloseTo(gridding(65), 12);
});

test("the gathered C keeps the whole transform on every rank, and a volume on the network in each iteration", () => {
  const time = timeOf(8, {}, { model: "allgather" });
  const gathers = 4 * work.griddingIterations;
  const volume = modelUnitBytes(makeProblem().boxPx, 2);
  expect(time.sentBytes).toBeGreaterThan((gathers * (volume / 2) * 7) / 8);
  // Of a transform in three dimensions two are repeated on every rank.
  expect(time.parts["gridding"]).toBeGreaterThan((2 / 3) * timeOf(1).parts["gridding"]!);
});

test("slabs send two transposes an iteration instead of a volume to every rank", () => {
  const iterations = (model: "slab" | "allgather", griddingIterations: number) => {
    const problem = makeProblem({ griddingIterations });
    return maximizationTime(makeSetting({ problem }), roundWork(problem, "local"), 8, { ...plainModes, model })
      .sentBytes;
  };
  const perIteration = (model: "slab" | "allgather") => (iterations(model, 11) - iterations(model, 1)) / 10 / 4;
  const volume = modelUnitBytes(64, 2);
  // Half a volume is all that a real, even grid has: to every rank, or an eighth of it on each rank, twice.
  expect(perIteration("allgather")).toBeCloseTo((volume / 2) * (7 / 8), 0);
  expect(perIteration("slab")).toBeCloseTo((2 * (volume / 2) * (7 / 8)) / 8, 0);
});

test("each of four groups makes every map with a quarter of the ranks", () => {
  const cluster = { ...clusterPresets.cluster, network: freeNetwork };
  const gridding = (modelGroups: number) => timeOf(64, { cluster }, { model: "slab", modelGroups }).parts["gridding"]!;
  expect(gridding(4)).toBeCloseTo(4 * gridding(1), 12);
});

test("images travel to the owners of the rows, unless whole sums are small and fewer bytes", () => {
  const sentOnce = (particleCount: number, boxPx: number) => {
    const problem = makeProblem({ particleCount, boxPx, griddingIterations: 0 });
    const round = roundWork(problem, "local");
    const both = maximizationTime(makeSetting({ problem }), round, 2, { ...plainModes, model: "slab" });
    return { sent: both.sentBytes, insertion: round.insertion! };
  };
  // Twice as many images send twice as much …
  const large = [1024, 2048].map((count) => sentOnce(count, 160));
  const perImage = (large[1]!.sent - large[0]!.sent) / 1024;
  // … of which a rank keeps half; every rank also learns 64 bytes of each image.
  expect(perImage).toBeCloseTo(0.5 * 0.5 * sentToOwners(large[0]!.insertion, 2) + 32, 0);
  // … and a small box sends its sums whatever the images.
  const small = [4096, 8192].map((count) => sentOnce(count, 32));
  expect(small[1]!.sent - small[0]!.sent).toBeCloseTo(4096 * 32, 0);
});

test("symmetry costs slabs an exchange", () => {
  const problem = makeProblem({ group: pointGroup("C4") });
  const setting = makeSetting({ problem });
  const c4 = maximizationTime(setting, roundWork(problem, "local"), 8, { ...plainModes, model: "slab" });
  expect(c4.parts["completion"]).toBeGreaterThan(timeOf(8, {}, { model: "slab" }).parts["completion"]!);
});

test("a faster network and faster cores never make a phase longer, and its parts are the phase", () => {
  const factors = fc.double({ min: 0.1, max: 1, noNaN: true });
  const counts = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(counts, fc.constantFrom(...MODEL_MODES), factors, (n, model, factor) => {
      const cluster = clusterPresets.haswell;
      const { node, network } = cluster;
      const time = (changed: Partial<typeof cluster>) =>
        timeOf(n, { cluster: { ...cluster, ...changed }, stragglerSd: 0.2 }, { model });
      const now = time({});
      const sum = Object.values(now.parts).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(now.seconds, 9);
      for (const better of [
        { network: { ...network, bytesPerS: network.bytesPerS / factor } },
        { network: { ...network, latencyS: network.latencyS * factor } },
        { node: { ...node, gflopsPerCore: node.gflopsPerCore / factor } },
        { node: { ...node, memoryGBps: node.memoryGBps / factor } },
      ]) {
        expect(time(better).seconds).toBeLessThanOrEqual(now.seconds * (1 + 1e-12));
      }
    }),
    { numRuns: 40 },
  );
});
