import type { SliceMode } from "../expectation/slices/cost.ts";
import { unitsOf } from "../expectation/slices/units.ts";
import { type ModelMode, modelUnitBytes } from "../maximization/model-ranks.ts";
import { batchImageBytes, MAPS_AT_END, MAPS_IN_ROUND, modelPieces, planMemory } from "../refine/plan.ts";
import type { PlanProblem, RoundWork } from "./round-work.ts";
import { groupSizeFor } from "./shares.ts";

/** Bytes that the fullest rank holds in each stage, by what they are for. */
export interface RankMemory {
  readonly expectation: StageBytes;
  readonly maximization: StageBytes;
  readonly final: StageBytes;
  /** Raw images kept in memory between phases; read again where this is less than `storedBytes`. */
  readonly residentBytes: number;
  readonly storedBytes: number;
  /** Blocks of images that meet the slices together. */
  readonly blocksPerBatch: number;
  /** The most of the three stages with the images kept. */
  readonly totalBytes: number;
  readonly limitBytes: number;
}

export interface StageBytes {
  readonly model: number;
  readonly maps: number;
  readonly images: number;
  readonly slices: number;
  readonly total: number;
}

export interface RankMemoryInput {
  readonly problem: PlanProblem;
  readonly work: RoundWork;
  readonly rankCount: number;
  readonly sliceMode: SliceMode;
  readonly groupSize: number;
  readonly modelMode: ModelMode;
  readonly modelGroups: number;
  readonly limitBytes: number;
}

/** Bytes of images and clouds that a half-set's largest batch takes, and of everything else, for one rank of n. */
export function rankMemory(input: RankMemoryInput): RankMemory {
  const { problem, rankCount, limitBytes } = input;
  const { boxPx } = problem;
  const blockSize = problem.checkpointParticles;
  const blocksPerRank = Math.ceil(Math.ceil(problem.particleCount / 2 / blockSize) / rankCount);
  const imagesPerRank = Math.min(problem.particleCount, 2 * blocksPerRank * blockSize);
  const pieces = modelPieces(boxPx, problem.paddingFactor);
  const share = heldShare(input.modelMode, rankCount, input.modelGroups);
  const points = problem.rotationsPerImage * problem.shiftsPerRotation;
  const one = {
    boxPx,
    particleCount: imagesPerRank,
    bandPixelCount: input.work.bandPixelCount,
    paddingFactor: problem.paddingFactor,
    points,
    rotations: problem.rotationsPerImage,
    blockSize,
    batchParticles: problem.batchParticles,
    limitBytes,
    storedBytes: 4 * boxPx * boxPx * imagesPerRank,
  };
  const batch = planMemory(one);
  const expectation = stage({
    model: pieces.reference,
    maps: MAPS_IN_ROUND * pieces.map,
    images: batch.batchBytes,
    slices: sliceBytes(input),
  });
  // A block of images is prepared for insertion while the sums are in memory.
  const images = Math.min(blockSize, imagesPerRank) * batchImageBytes(one);
  const maximization = stage({
    model: (pieces.accumulator + 2 * pieces.complete) * share.sums + pieces.grid * share.grid,
    maps: MAPS_IN_ROUND * pieces.map * share.maps,
    images,
    slices: 0,
  });
  const final = stage({
    model: (pieces.accumulator + 3 * pieces.complete) * share.sums + pieces.grid * share.grid,
    maps: MAPS_AT_END * pieces.map * share.maps,
    images,
    slices: 0,
  });
  const floor = Math.max(expectation.total, maximization.total, final.total);
  const room = Math.max(0, limitBytes - floor);
  const residentBytes = Math.min(one.storedBytes, room);
  return {
    expectation,
    maximization,
    final,
    residentBytes,
    storedBytes: one.storedBytes,
    blocksPerBatch: batch.blocksPerBatch,
    totalBytes: floor + residentBytes,
    limitBytes,
  };
}

/** The share of sums, padded grid and maps that one rank holds. */
export function heldShare(
  mode: ModelMode,
  rankCount: number,
  groups: number,
): { readonly sums: number; readonly grid: number; readonly maps: number } {
  const part = 1 / Math.max(1, Math.floor(rankCount / groups));
  switch (mode) {
    case "replicated":
      return { sums: 1, grid: 1, maps: 1 };
    case "allgather":
      return { sums: part, grid: 1, maps: 1 };
    case "slab":
      return { sums: part, grid: part, maps: 1 };
    default:
      throw new TypeError(`no model mode ${mode satisfies never}`);
  }
}

/** The design paper's count of one reconstruction: F, T, W and C, each a complex volume of the padded box. */
export function paperModelBytes(mode: ModelMode, memberCount: number, boxPx: number, paddingFactor: number): number {
  const share = heldShare(mode, memberCount, 1);
  return modelUnitBytes(boxPx, paddingFactor) * (3 * share.sums + share.grid);
}

function sliceBytes({ work, rankCount, sliceMode, groupSize }: RankMemoryInput): number {
  if (!work.scan) return 0;
  const { sliceCount, sliceBytes: each } = work.scan;
  const units = unitsOf(sliceCount);
  const own = Math.ceil(units.length / rankCount) * units[0]!.count;
  const inHand = units[0]!.count * each;
  if (rankCount === 1 || sliceMode === "recompute") return inHand;
  switch (sliceMode) {
    case "allgather":
      return (sliceCount + own) * each;
    case "allreduce":
      return 2 * sliceCount * each;
    case "grouped":
      return 2 * (1 + groupSizeFor(rankCount, groupSize)) * inHand;
    case "conveyor":
      return 3 * inHand;
    default:
      throw new TypeError(`no slice mode ${sliceMode satisfies never}`);
  }
}

function stage(parts: Omit<StageBytes, "total">): StageBytes {
  return { ...parts, total: parts.model + parts.maps + parts.images + parts.slices };
}
