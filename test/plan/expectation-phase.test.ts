import fc from "fast-check";
import { expect, test } from "vitest";
import { shareOf } from "../../src/comm/share.ts";
import { unitsOf } from "../../src/expectation/slices/units.ts";
import { clusterPresets } from "../../src/plan/cluster-model.ts";
import { SLICE_MODES } from "../../src/plan/expectation-phase.ts";
import { kernelSeconds } from "../../src/plan/kernel-rates.ts";
import { expectationTime } from "../../src/plan/round-time.ts";
import { roundWork } from "../../src/plan/round-work.ts";
import { groupSizeFor, particlesIn } from "../../src/plan/shares.ts";
import { freeNetwork, makeProblem, makeSetting, plainModes } from "./plan-scene.ts";

const work = roundWork(makeProblem(), "global");

test("every particle has one rank, and no rank has two blocks more than another", () => {
  const sizes = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(sizes, fc.nat(10_000), sizes, (n, images, blockSize) => {
      const blocks = Math.ceil(images / blockSize);
      const shares = Array.from({ length: n }, (_, k) => shareOf(blocks, k, n));
      const counts = shares.map((share) => particlesIn(share, blockSize, images));
      expect(counts.reduce((a, b) => a + b, 0)).toBe(images);
      const lengths = shares.map(({ first, end }) => end - first);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

test("groups are equal and no larger than wanted", () => {
  expect([groupSizeFor(64, 16), groupSizeFor(10, 4), groupSizeFor(7, 4), groupSizeFor(4, 64)]).toEqual([16, 2, 1, 4]);
  expect([groupSizeFor(64, 0), groupSizeFor(12, 0), groupSizeFor(2, 0)]).toEqual([8, 3, 1]);
});

test("on one rank every way to share slices is the same", () => {
  const times = SLICE_MODES.map((slices) =>
    expectationTime(makeSetting(), work, 1, { ...plainModes, slices, sliceGroup: 4 }),
  );
  for (const time of times) expect(time.seconds).toBeCloseTo(times[0]!.seconds, 9);
});

test("on a free network the time is Amdahl's: what each rank repeats, and the rest over n", () => {
  const setting = makeSetting({ cluster: { ...clusterPresets.cluster, network: freeNetwork } });
  const { node } = setting.cluster;
  const seconds = (flops: Parameters<typeof kernelSeconds>[0]) => kernelSeconds(flops, setting.rates, node);
  const { particleCount, boxPx } = setting.problem;
  const scan = work.scan!;
  const sampling = 2 * scan.sliceCount * seconds(scan.perSlice);
  const repeated = 2 * (seconds(work.reference) + seconds(scan.finerPerPass));
  // One batch a half: the inserted points and the parents go to the journal at 1 GB/s.
  const journalBytes = 16 * 32 + 12 * 32 * 4 + 24 * 96 + 124 + 24 * (boxPx / 2 + 1);
  const perImage =
    scan.sliceCount * seconds(scan.perComparison) +
    seconds(work.expectation) +
    seconds(scan.finerPerImage) +
    setting.rates.hostSeconds.expectation +
    setting.rates.hostSeconds.cells +
    journalBytes / 1e9;
  for (const n of [1, 2, 16, 1024]) {
    const shared = particleCount * perImage;
    const batches = Math.ceil(particleCount / 2 / n / 2048);
    expect(batches).toBe(1);
    const recompute = expectationTime(setting, work, n, plainModes).seconds;
    expect(recompute).toBeCloseTo(repeated + sampling + shared / n, 6);
    const conveyor = expectationTime(setting, work, n, { ...plainModes, slices: "conveyor" }).seconds;
    // Slices are shared out in whole units: the largest share is cut before the belt moves, belt by belt.
    const units = unitsOf(scan.sliceCount);
    const cutUnit = 2 * units[0]!.count * seconds(scan.perSlice);
    const belts = Math.ceil(units.length / n);
    expect(conveyor).toBeGreaterThan(repeated + shared / n);
    // With more ranks than units most blocks are empty, and a rank that compares one holds up a neighbour that has none.
    if (n <= units.length) expect(conveyor).toBeLessThanOrEqual(repeated + shared / n + belts * cutUnit + 1e-9);
    const allgather = expectationTime(setting, work, n, { ...plainModes, slices: "allgather" }).seconds;
    expect(allgather).toBeGreaterThan(repeated + shared / n);
    expect(allgather).toBeLessThanOrEqual(repeated + shared / n + belts * cutUnit + 1e-9);
  }
});

test("every way that samples a share sends each slice to every other rank once; the all-reduce twice", () => {
  const bytes = 2 * work.scan!.sliceCount * work.scan!.sliceBytes;
  for (const n of [2, 8, 64]) {
    const sent = (slices: (typeof SLICE_MODES)[number]) =>
      expectationTime(makeSetting(), work, n, { ...plainModes, slices, sliceGroup: 4 }).sentBytes;
    for (const mode of ["allgather", "conveyor", "grouped"] as const)
      expect(sent(mode)).toBeCloseTo((bytes * (n - 1)) / n, 3);
    expect(sent("allreduce")).toBeCloseTo((2 * bytes * (n - 1)) / n, 3);
    expect(sent("recompute")).toBe(0);
  }
});

test("the conveyor hides the transfer behind the comparison, the all-gather shows all of it", () => {
  const slow = { ...clusterPresets.cluster, network: { ...freeNetwork, bytesPerS: 2e9 } };
  const free = { ...clusterPresets.cluster, network: freeNetwork };
  // Enough images that a unit takes longer to compare than to send.
  const problem = makeProblem({ particleCount: 65_536, batchParticles: 65_536 });
  const at = (cluster: typeof slow, slices: "allgather" | "conveyor") =>
    expectationTime(makeSetting({ cluster, problem }), work, 8, { ...plainModes, slices }).seconds;
  const transfer = (2 * work.scan!.sliceCount * work.scan!.sliceBytes * 7) / 8 / 2e9;
  expect(at(slow, "allgather") - at(free, "allgather")).toBeGreaterThan(0.99 * transfer);
  // Behind an empty block nothing is hidden: at most one unit a belt and half-set shows, where units do not divide evenly.
  const units = unitsOf(work.scan!.sliceCount);
  const oneUnit = (units[0]!.count * work.scan!.sliceBytes) / 2e9;
  expect(at(slow, "conveyor") - at(free, "conveyor")).toBeLessThanOrEqual(2 * Math.ceil(units.length / 8) * oneUnit);
});

test("a faster network, faster cores and equal nodes never make a phase longer", () => {
  const factors = fc.double({ min: 0.1, max: 1, noNaN: true });
  const modes = fc.constantFrom(...SLICE_MODES);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 48 }), modes, factors, (n, slices, factor) => {
      const cluster = clusterPresets.haswell;
      const { node, network } = cluster;
      const time = (setting: Partial<Parameters<typeof makeSetting>[0]>) =>
        expectationTime(makeSetting({ cluster, stragglerSd: 0.3, ...setting }), work, n, {
          ...plainModes,
          slices,
          sliceGroup: 4,
        }).seconds;
      const now = time({});
      expect(
        time({ cluster: { ...cluster, network: { ...network, bytesPerS: network.bytesPerS / factor } } }),
      ).toBeLessThanOrEqual(now);
      expect(
        time({ cluster: { ...cluster, network: { ...network, latencyS: network.latencyS * factor } } }),
      ).toBeLessThanOrEqual(now);
      expect(
        time({ cluster: { ...cluster, node: { ...node, gflopsPerCore: node.gflopsPerCore / factor } } }),
      ).toBeLessThanOrEqual(now);
    }),
    { numRuns: 40 },
  );
});

test("the parts of a phase, as means over ranks, are no more than the phase and nearly all of it where nodes are equal", () => {
  const { seconds, parts } = expectationTime(makeSetting(), work, 16, { ...plainModes, slices: "conveyor" });
  const { exchange: _, ...spent } = parts;
  const sum = Object.values(spent).reduce((a, b) => a + b, 0);
  expect(sum).toBeLessThanOrEqual(seconds * (1 + 1e-9));
  expect(sum).toBeGreaterThan(0.98 * seconds);
});
