import { UsageError } from "../core/errors.ts";
import { pointGroup } from "../geometry/point-group.ts";
import { shellToResolutionA } from "../geometry/shells.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type PlanInput, type PlanOptions, planTable } from "../options/plan-options.ts";
import { type Candidate, chooseModes, type Wanted } from "./choose-modes.ts";
import { clusterOf } from "./cluster-of.ts";
import type { PhaseTime } from "./phase-time.ts";
import type { RankMemory } from "./rank-memory.ts";
import { ratesOf } from "./rates-of.ts";
import { type Modes, memoryOf, roundTime, type Setting } from "./round-time.ts";
import { type PlanProblem, type PlanStage, type RoundWork, roundWork } from "./round-work.ts";
import { type ScalingRow, scalingOf, stopsHelpingAt } from "./scaling.ts";

/** A stage of the run: what a round of it costs. */
export interface StagePlan {
  readonly stage: PlanStage;
  /** Rounds that a run typically has of it. */
  readonly rounds: number;
  readonly radiusShell: number;
  readonly resolutionA: number;
  readonly slices: number;
  readonly shifts: number;
  readonly slicePixels: number;
  readonly expectation: PhaseTime;
  readonly maximization: PhaseTime;
  readonly seconds: number;
}

export interface PlanResult {
  readonly particleCount: number;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly rankCount: number;
  readonly threads: number;
  readonly modes: Modes;
  readonly reasons: readonly string[];
  readonly sliceCandidates: readonly Candidate[];
  readonly modelCandidates: readonly Candidate[];
  readonly memory: RankMemory;
  readonly fits: boolean;
  readonly stages: readonly StagePlan[];
  /** Seconds of a typical run: the stages' rounds and the final maps. */
  readonly runSeconds: number;
  readonly scaling: readonly ScalingRow[];
  /** Beyond this many ranks, twice as many save less than a tenth; null: not reached. */
  readonly stopsHelpingAt: number | null;
  /** What the caller could change for the better. */
  readonly advice: readonly string[];
  readonly ratesSource: string;
  readonly clusterSource: string;
}

/** Rounds of a run, as the measured ones had them (docs/performance.md): three global ones after the first, six local ones. */
const ROUNDS: Readonly<Record<PlanStage, number>> = { first: 1, global: 3, local: 6, final: 1 };
export const STAGES = ["first", "global", "local", "final"] as const;

/** Memory, time and ways to share the work of a refinement on n ranks; reads no data. */
export async function plan(input: PlanInput): Promise<PlanResult> {
  const options = completeOptions("plan", planTable, input);
  const setting: Setting = {
    problem: problemOf(options),
    rates: await ratesOf(options.rates),
    cluster: clusterOf(options, options),
    stragglerSd: options.stragglerSd,
    seed: options.seed,
  };
  const { rankCount } = options;
  const wanted = wantedOf(options);
  const works = new Map<PlanStage, RoundWork>(STAGES.map((stage) => [stage, roundWork(setting.problem, stage)]));
  const global = works.get("global")!;
  const chosen = chooseModes(setting, global, rankCount, wanted);
  const memory = memoryOf(setting, global, rankCount, chosen.modes);
  const stages = STAGES.map((stage) => stagePlan(setting, works.get(stage)!, rankCount, chosen.modes));
  const scaling = scalingOf(setting, works, Math.max(rankCount, options.largestRankCount), wanted, ROUNDS);
  return {
    particleCount: options.particleCount,
    boxPx: options.boxPx,
    pixelSizeA: options.pixelSizeA,
    rankCount,
    threads: setting.cluster.node.cores,
    ...chosen,
    memory,
    fits: Math.max(memory.expectation.total, memory.maximization.total, memory.final.total) <= memory.limitBytes,
    stages,
    runSeconds: stages.reduce((sum, stage) => sum + stage.rounds * stage.seconds, 0),
    scaling,
    stopsHelpingAt: stopsHelpingAt(scaling),
    advice: adviceOf(options),
    ratesSource: setting.rates.source,
    clusterSource: setting.cluster.source,
  };
}

function stagePlan(setting: Setting, work: RoundWork, rankCount: number, modes: Modes): StagePlan {
  const { boxPx, pixelSizeA } = setting.problem;
  return {
    stage: work.stage,
    rounds: ROUNDS[work.stage],
    radiusShell: work.radiusShell,
    resolutionA: shellToResolutionA(work.radiusShell, boxPx, pixelSizeA),
    slices: work.scan?.sliceCount ?? 0,
    shifts: work.scan?.shiftCount ?? 0,
    slicePixels: work.scan?.pixelCount ?? 0,
    ...roundTime(setting, work, rankCount, modes),
  };
}

/** Blocks of a half-set that a rank should have at least, so that whole blocks divide evenly. */
const FEWEST_BLOCKS = 4;
/** A batch that keeps the matrix product large. */
const BATCH = 2048;

function adviceOf({ particleCount, rankCount, checkpointParticles }: PlanOptions): string[] {
  const perRank = particleCount / 2 / rankCount;
  if (rankCount === 1 || checkpointParticles <= perRank / FEWEST_BLOCKS) return [];
  const blocks = Math.ceil(particleCount / 2 / checkpointParticles);
  const better = Math.max(1, 2 ** Math.floor(Math.log2(perRank / FEWEST_BLOCKS)));
  return [
    `a half-set has ${blocks} blocks of ${checkpointParticles} particles for ${rankCount} ranks, which divides them unevenly: give --checkpoint-particles ${better} --batch ${BATCH}`,
  ];
}

/** The problem that a plan's options describe, checked together. */
function problemOf(options: PlanOptions): PlanProblem {
  const { boxPx, pixelSizeA } = options;
  if (boxPx % 2 !== 0) throw new UsageError(`plan --box: expected an even number of pixels, got ${boxPx}.`);
  const boxA = boxPx * pixelSizeA;
  if (options.maskDiameterA > boxA) {
    throw new UsageError(
      `plan --mask-diameter: expected at most the box, ${boxA.toFixed(1)} Å, got ${options.maskDiameterA} Å. Give a smaller diameter.`,
    );
  }
  return {
    ...options,
    diameterA: options.maskDiameterA > 0 ? options.maskDiameterA : 0.9 * boxA,
    group: pointGroup(options.symmetry),
    finestResolutionA: options.finestResolutionA > 0 ? options.finestResolutionA : 3 * pixelSizeA,
  };
}

function wantedOf(options: PlanOptions): Wanted {
  const { slices, sliceGroup, model, modelGroups } = options;
  if (modelGroups > 0 && options.rankCount % modelGroups !== 0) {
    throw new UsageError(
      `plan --model-groups: expected a number that divides the ${options.rankCount} ranks, got ${modelGroups}. Groups hold equal parts.`,
    );
  }
  return { slices, sliceGroup, model, modelGroups };
}
