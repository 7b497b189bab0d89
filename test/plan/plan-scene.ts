import { pointGroup } from "../../src/geometry/point-group.ts";
import { type ClusterModel, clusterPresets } from "../../src/plan/cluster-model.ts";
import { defaultRates } from "../../src/plan/kernel-rates.ts";
import type { Modes, Setting } from "../../src/plan/round-time.ts";
import type { PlanProblem } from "../../src/plan/round-work.ts";

/** A small problem: counts are those of refine, times those of a model machine. */
export function makeProblem(changes: Partial<PlanProblem> = {}): PlanProblem {
  return {
    particleCount: 4096,
    boxPx: 64,
    pixelSizeA: 4,
    diameterA: 200,
    group: pointGroup("C1"),
    paddingFactor: 2,
    offsetSigmaA: 10,
    initialResolutionA: 60,
    finestResolutionA: 12,
    scanResolutionA: 0,
    rotationsPerImage: 96,
    shiftsPerRotation: 4,
    insertedRotations: 32,
    keepCells: 256,
    griddingIterations: 10,
    checkpointParticles: 1,
    batchParticles: 2048,
    seed: 0,
    ...changes,
  };
}

/** A network on which nothing takes time. */
export const freeNetwork: ClusterModel["network"] = {
  latencyS: 0,
  bytesPerS: Number.POSITIVE_INFINITY,
  overheadS: 0,
  globalShare: 1,
  coreSecondsPerByte: 0,
};

export function makeSetting(changes: Partial<Setting> = {}): Setting {
  return {
    problem: makeProblem(),
    rates: defaultRates,
    cluster: clusterPresets.cluster,
    stragglerSd: 0,
    seed: 0,
    ...changes,
  };
}

export const plainModes: Modes = { slices: "recompute", sliceGroup: 1, model: "replicated", modelGroups: 1 };
