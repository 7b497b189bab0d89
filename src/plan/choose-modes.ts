import type { SliceMode } from "../expectation/slices/cost.ts";
import type { ModelMode } from "../maximization/model-ranks.ts";
import { SLICE_MODES } from "./expectation-phase.ts";
import { expectationTime, type Modes, maximizationTime, memoryOf, type Setting } from "./round-time.ts";
import type { RoundWork } from "./round-work.ts";
import { groupSizeFor } from "./shares.ts";

/** One way to do a phase and what it costs; null seconds: it does not fit in memory. */
export interface Candidate {
  readonly name: string;
  readonly slices: SliceMode;
  readonly sliceGroup: number;
  readonly model: ModelMode;
  readonly modelGroups: number;
  readonly seconds: number | null;
  readonly bytes: number;
}

export interface ChosenModes {
  readonly modes: Modes;
  readonly sliceCandidates: readonly Candidate[];
  readonly modelCandidates: readonly Candidate[];
  /** Why these: one sentence each. */
  readonly reasons: readonly string[];
}

/** What the caller has already decided. */
export interface Wanted {
  readonly slices: SliceMode | "auto";
  readonly sliceGroup: number;
  readonly model: ModelMode | "auto";
  readonly modelGroups: number;
}

/** A way that is no faster than this is not worth its complications: the simpler one, earlier in the list, stays. */
const WORTHWHILE = 0.99;
/** A gathered C has no merit where slabs are as fast. */
const BY_SIMPLICITY: readonly ModelMode[] = ["replicated", "slab", "allgather"];
const GROUP_COUNTS = [1, 2, 4, 8, 16, 32, 64, 128] as const;

/** Tries every way that the caller leaves open, simplest first, and takes the fastest that fits in memory. */
export function chooseModes(setting: Setting, work: RoundWork, rankCount: number, wanted: Wanted): ChosenModes {
  const start: Modes = { slices: "recompute", sliceGroup: 1, model: "slab", modelGroups: 1 };
  const limit = setting.cluster.node.memoryGB * 1e9;
  const tried = (modes: Modes, seconds: () => number, bytes: number): Candidate => ({
    ...modes,
    name: nameOf(modes),
    seconds: bytes <= limit ? seconds() : null,
    bytes,
  });
  const modelCandidates = modelWays(rankCount, wanted).map((way) => {
    const modes = { ...start, ...way };
    const memory = memoryOf(setting, work, rankCount, modes);
    const bytes = Math.max(memory.maximization.total, memory.final.total);
    return tried(modes, () => maximizationTime(setting, work, rankCount, modes).seconds, bytes);
  });
  const model = bestOf(modelCandidates);
  const sliceCandidates = sliceWays(rankCount, wanted).map((way) => {
    const modes = { ...start, model: model.model, modelGroups: model.modelGroups, ...way };
    const bytes = memoryOf(setting, work, rankCount, modes).expectation.total;
    return tried(modes, () => expectationTime(setting, work, rankCount, modes).seconds, bytes);
  });
  const slices = bestOf(sliceCandidates);
  return {
    modes: {
      slices: slices.slices,
      sliceGroup: slices.sliceGroup,
      model: model.model,
      modelGroups: model.modelGroups,
    },
    sliceCandidates: sliceCandidates.map((candidate) => ({ ...candidate, name: sliceName(candidate) })),
    modelCandidates: modelCandidates.map((candidate) => ({ ...candidate, name: modelName(candidate) })),
    reasons: [
      reason("slices", sliceName(slices), wanted.slices, sliceCandidates, slices),
      reason("model", modelName(model), wanted.model, modelCandidates, model),
    ],
  };
}

function sliceWays(rankCount: number, wanted: Wanted): Pick<Modes, "slices" | "sliceGroup">[] {
  const modes = wanted.slices === "auto" ? SLICE_MODES : [wanted.slices];
  if (rankCount === 1) return [{ slices: modes[0]!, sliceGroup: 1 }];
  return modes.flatMap((slices): Pick<Modes, "slices" | "sliceGroup">[] => {
    if (slices !== "grouped") return [{ slices, sliceGroup: 1 }];
    return [{ slices, sliceGroup: groupSizeFor(rankCount, wanted.sliceGroup) }];
  });
}

function modelWays(rankCount: number, wanted: Wanted): Pick<Modes, "model" | "modelGroups">[] {
  const modes = wanted.model === "auto" ? BY_SIMPLICITY : [wanted.model];
  const counts =
    wanted.modelGroups > 0
      ? [wanted.modelGroups]
      : GROUP_COUNTS.filter((count) => rankCount % count === 0 && count < Math.max(2, rankCount));
  return modes.flatMap((model): Pick<Modes, "model" | "modelGroups">[] => {
    if (model === "replicated") return [{ model, modelGroups: 1 }];
    return rankCount === 1 && wanted.model === "auto" ? [] : counts.map((modelGroups) => ({ model, modelGroups }));
  });
}

/** The first that no later one beats by more than a hundredth; where nothing fits, what needs the least memory. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (candidate.seconds === null) continue;
    if (best === undefined || candidate.seconds < WORTHWHILE * best.seconds!) best = candidate;
  }
  return best ?? candidates.reduce((a, b) => (b.bytes < a.bytes ? b : a));
}

function reason(what: string, name: string, wanted: string, candidates: readonly Candidate[], best: Candidate): string {
  if (best.seconds === null) return `${what}: nothing fits in memory; ${name} needs the least`;
  if (wanted !== "auto") return `${what}: ${name}, as asked for`;
  const others = candidates.filter((c) => c !== best && c.seconds !== null);
  const tooLarge = candidates.filter((c) => c.seconds === null).length;
  const next = others.reduce<Candidate | null>((a, b) => (a === null || b.seconds! < a.seconds! ? b : a), null);
  const memory = tooLarge > 0 ? `; ${tooLarge} other ways do not fit in memory` : "";
  if (next === null) return `${what}: ${name}, the only way that fits${memory}`;
  const gain = next.seconds! / best.seconds;
  const than = what === "slices" ? sliceName(next) : modelName(next);
  const text =
    gain > 1 / WORTHWHILE
      ? `${gain.toFixed(2)} times as fast as ${than}`
      : `as fast as ${than} within 1 %, and the simplest of those`;
  return `${what}: ${name}, ${text}${memory}`;
}

export function sliceName({ slices, sliceGroup }: Pick<Modes, "slices" | "sliceGroup">): string {
  return slices === "grouped" ? `grouped by ${sliceGroup}` : slices;
}

export function modelName({ model, modelGroups }: Pick<Modes, "model" | "modelGroups">): string {
  return modelGroups > 1 ? `${model} in ${modelGroups} groups` : model;
}

function nameOf(modes: Modes): string {
  return `${sliceName(modes)}, ${modelName(modes)}`;
}
