import type { SliceMode } from "../expectation/slices/cost.ts";
import type { ModelMode } from "../maximization/model-ranks.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { simulateExpectation } from "./expectation-phase.ts";
import type { KernelRates } from "./kernel-rates.ts";
import { simulateMaximization } from "./maximization-phase.ts";
import type { PhaseTime } from "./phase-time.ts";
import { rankMemory } from "./rank-memory.ts";
import { insertedRotationsOf, type PlanProblem, type RoundWork } from "./round-work.ts";
import { slownessOf } from "./stragglers.ts";

/** The machine, what runs on it and how unequal its nodes are. */
export interface Setting {
  readonly problem: PlanProblem;
  readonly rates: KernelRates;
  readonly cluster: ClusterModel;
  readonly stragglerSd: number;
  readonly seed: number;
}

/** How slices and model are shared. */
export interface Modes {
  readonly slices: SliceMode;
  readonly sliceGroup: number;
  readonly model: ModelMode;
  readonly modelGroups: number;
}

export interface RoundTime {
  readonly expectation: PhaseTime;
  readonly maximization: PhaseTime;
  readonly seconds: number;
}

const NOTHING: PhaseTime = { seconds: 0, parts: {}, sentBytes: 0 };

/** E of one round of this work on n ranks. */
export function expectationTime(setting: Setting, work: RoundWork, rankCount: number, modes: Modes): PhaseTime {
  if (work.stage === "final") return NOTHING;
  const { problem, rates, cluster } = setting;
  const memory = memoryOf(setting, work, rankCount, modes);
  return simulateExpectation({
    work,
    rates,
    cluster,
    mode: modes.slices,
    groupSize: modes.sliceGroup,
    slowness: slownessOf(rankCount, setting.stragglerSd, setting.seed),
    particleCount: problem.particleCount,
    blockSize: problem.checkpointParticles,
    blocksPerBatch: memory.blocksPerBatch,
    readBytesPerImage: readBytes(problem, memory),
    journalBytesPerImage: journalBytes(problem),
  });
}

/** M of one round. */
export function maximizationTime(setting: Setting, work: RoundWork, rankCount: number, modes: Modes): PhaseTime {
  const { problem, rates, cluster } = setting;
  return simulateMaximization({
    work,
    rates,
    cluster,
    mode: modes.model,
    groups: modes.modelGroups,
    slowness: slownessOf(rankCount, setting.stragglerSd, setting.seed),
    particleCount: problem.particleCount,
    blockSize: problem.checkpointParticles,
    boxPx: problem.boxPx,
    paddingFactor: problem.paddingFactor,
    isSymmetric: problem.group.order > 1,
    readBytesPerImage: readBytes(problem, memoryOf(setting, work, rankCount, modes)),
  });
}

export function roundTime(setting: Setting, work: RoundWork, rankCount: number, modes: Modes): RoundTime {
  const expectation = expectationTime(setting, work, rankCount, modes);
  const maximization = maximizationTime(setting, work, rankCount, modes);
  return { expectation, maximization, seconds: expectation.seconds + maximization.seconds };
}

export function memoryOf(setting: Setting, work: RoundWork, rankCount: number, modes: Modes) {
  return rankMemory({
    problem: setting.problem,
    work,
    rankCount,
    sliceMode: modes.slices,
    groupSize: modes.sliceGroup,
    modelMode: modes.model,
    modelGroups: modes.modelGroups,
    limitBytes: setting.cluster.node.memoryGB * 1e9,
  });
}

/** Raw bytes read per image and phase: none where all stay in memory. */
function readBytes(problem: PlanProblem, memory: { residentBytes: number; storedBytes: number }): number {
  const missing = memory.storedBytes > 0 ? 1 - memory.residentBytes / memory.storedBytes : 0;
  return missing * 4 * problem.boxPx ** 2;
}

/** One image in the journal: points and weights, parents, kernel, summary, three sums per shell. */
function journalBytes(problem: PlanProblem): number {
  const { rotationsPerImage, shiftsPerRotation, boxPx } = problem;
  const inserted = insertedRotationsOf(problem);
  return 16 * inserted + 12 * inserted * shiftsPerRotation + 24 * rotationsPerImage + 124 + 3 * 8 * (boxPx / 2 + 1);
}
