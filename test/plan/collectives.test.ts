import fc from "fast-check";
import { expect, test } from "vitest";
import type { NetworkModel } from "../../src/plan/cluster-model.ts";
import { allGatherCost, allReduceCost, allToAllCost, reduceScatterCost } from "../../src/plan/collectives.ts";

const network: NetworkModel = {
  latencyS: 1e-5,
  bytesPerS: 1e9,
  overheadS: 1e-6,
  globalShare: 0.5,
  coreSecondsPerByte: 0,
};
const ranks = fc.integer({ min: 1, max: 4096 });
const sizes = fc.integer({ min: 0, max: 1e9 });

test("one rank exchanges nothing", () => {
  for (const cost of [
    allGatherCost(1, 1e6, network),
    allToAllCost(1, 1e6, network),
    allReduceCost(1, 1e6, network, 1),
  ]) {
    expect(cost).toEqual({ seconds: 0, sentBytes: 0 });
  }
});

test("what all ranks send is what all ranks lack", () => {
  fc.assert(
    fc.property(ranks, sizes, (n, bytes) => {
      // Each lacks all but its own share; in an all-to-all each keeps its own part.
      expect(n * allGatherCost(n, bytes, network).sentBytes).toBeCloseTo((n - 1) * bytes, 2);
      expect(n * allToAllCost(n, bytes, network).sentBytes).toBeCloseTo((n - 1) * bytes, 2);
      expect(reduceScatterCost(n, bytes, network, 0).sentBytes).toBe(allGatherCost(n, bytes, network).sentBytes);
    }),
  );
});

test("an all-reduce is a reduce-scatter and an all-gather", () => {
  fc.assert(
    fc.property(ranks, sizes, (n, bytes) => {
      const parts = [reduceScatterCost(n, bytes, network, 1e-10), allGatherCost(n, bytes, network)];
      expect(allReduceCost(n, bytes, network, 1e-10).seconds).toBeCloseTo(parts[0]!.seconds + parts[1]!.seconds, 12);
    }),
  );
});

test("small messages cost the logarithm of the ranks in an all-gather, the ranks themselves in an all-to-all", () => {
  expect(allGatherCost(1024, 0, network).seconds).toBeCloseTo(10 * 1.1e-5, 12);
  expect(allToAllCost(1024, 0, network).seconds).toBeCloseTo(1023e-6 + 1e-5, 12);
});

test("large messages cost their bytes: neighbours have the whole link, far ranks the tapered one", () => {
  expect(allGatherCost(2, 2e9, network).seconds).toBeCloseTo(1 + 1.1e-5, 9);
  expect(allToAllCost(2, 2e9, network).seconds).toBeCloseTo(2 + 1.1e-5, 9);
});

test("more bandwidth, less latency and fewer bytes never take longer", () => {
  const factors = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(ranks, sizes, factors, (n, bytes, factor) => {
      const better: NetworkModel[] = [
        { ...network, bytesPerS: network.bytesPerS / factor },
        { ...network, latencyS: network.latencyS * factor },
        { ...network, overheadS: network.overheadS * factor },
        { ...network, globalShare: Math.min(1, network.globalShare / factor) },
      ];
      for (const cost of [allGatherCost, allToAllCost]) {
        const now = cost(n, bytes, network).seconds;
        for (const other of better) expect(cost(n, bytes, other).seconds).toBeLessThanOrEqual(now);
        expect(cost(n, bytes * factor, network).seconds).toBeLessThanOrEqual(now);
      }
    }),
  );
});
