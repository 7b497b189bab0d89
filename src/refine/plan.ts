import { fourierBoxFor } from "../geometry/fourier-box.ts";
import { imageSetBytes } from "../particles/image-set.ts";

/** Bytes that a run will hold, before the first particle is read; batches shrink to fit. */
export interface MemoryPlan {
  readonly blocksPerBatch: number;
  readonly batchBytes: number;
  readonly expectationBytes: number;
  readonly maximizationBytes: number;
  readonly finalBytes: number;
  readonly residentBytes: number;
  readonly totalBytes: number;
  readonly limitBytes: number;
}

export interface PlanInput {
  readonly boxPx: number;
  readonly particleCount: number;
  readonly bandPixelCount: number;
  readonly paddingFactor: number;
  readonly points: number;
  readonly rotations: number;
  readonly blockSize: number;
  /** 0: as many as fit, at most 8 blocks. */
  readonly batchParticles: number;
  readonly limitBytes: number;
  readonly storedBytes: number;
  /** Ranks that share one model; absent: each holds it whole. */
  readonly modelParts?: number;
}

/** Bytes of what a model is made of, at all shells of the box. */
export interface ModelPieces {
  /** Fourier volume that slices are cut from. */
  readonly reference: number;
  /** Fixed-point sums of one half-set. */
  readonly accumulator: number;
  /** F and T of one half-set. */
  readonly complete: number;
  /** One padded grid. */
  readonly grid: number;
  /** One map. */
  readonly map: number;
}

/** Maps in hand at once: references, half maps, masks, their transforms. */
export const MAPS_IN_ROUND = 8;
export const MAPS_AT_END = 10;

export function modelPieces(boxPx: number, paddingFactor: number): ModelPieces {
  const { voxelCount } = fourierBoxFor(boxPx / 2, paddingFactor);
  return {
    reference: 8 * voxelCount,
    accumulator: 24 * voxelCount,
    complete: 12 * voxelCount,
    grid: 4 * (paddingFactor * boxPx) ** 2 * (paddingFactor * boxPx + 2),
    map: 4 * boxPx ** 3,
  };
}

/** Bytes that one image of a batch holds: pixels, band and its clouds. */
export function batchImageBytes(input: Pick<PlanInput, "boxPx" | "bandPixelCount" | "points" | "rotations">): number {
  const cloud = input.points * (12 + 12 + 4) + input.rotations * 40;
  return imageSetBytes(input.boxPx, input.bandPixelCount) + 3 * cloud;
}

/** Share of the limit that one batch of images and clouds may take. */
const BATCH_SHARE = 0.25;
const MOST_BLOCKS = 8;

/** Plans memory: a batch's images and clouds in E, accumulators and transforms in M and at the end, raw images kept where room is left. */
export function planMemory(input: PlanInput): MemoryPlan {
  const pieces = modelPieces(input.boxPx, input.paddingFactor);
  const perImage = batchImageBytes(input);
  const affordable = Math.floor((BATCH_SHARE * input.limitBytes) / (perImage * input.blockSize));
  const wanted = input.batchParticles > 0 ? Math.ceil(input.batchParticles / input.blockSize) : MOST_BLOCKS;
  const blocksPerBatch = Math.max(1, Math.min(wanted, input.batchParticles > 0 ? wanted : affordable));
  const batchBytes = Math.min(blocksPerBatch * input.blockSize, input.particleCount) * perImage;
  const expectationBytes = pieces.reference + MAPS_IN_ROUND * pieces.map + batchBytes;
  const held = (completeModels: number) =>
    (pieces.accumulator + completeModels * pieces.complete + pieces.grid) / (input.modelParts ?? 1);
  const maximizationBytes = held(2) + MAPS_IN_ROUND * pieces.map;
  const finalBytes = held(3) + MAPS_AT_END * pieces.map;
  const floor = Math.max(expectationBytes, maximizationBytes, finalBytes);
  const residentBytes = Math.max(0, Math.min(input.storedBytes, input.limitBytes - floor));
  return {
    blocksPerBatch,
    batchBytes,
    expectationBytes,
    maximizationBytes,
    finalBytes,
    residentBytes: residentBytes >= input.storedBytes ? input.storedBytes : residentBytes,
    totalBytes: floor + residentBytes,
    limitBytes: input.limitBytes,
  };
}
