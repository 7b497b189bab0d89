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
}

/** Share of the limit that one batch of images and clouds may take. */
const BATCH_SHARE = 0.25;
const MOST_BLOCKS = 8;

/** Plans memory: a batch's images and clouds in E, accumulators and transforms in M and at the end, raw images kept where room is left. */
export function planMemory(input: PlanInput): MemoryPlan {
  const { boxPx, paddingFactor } = input;
  const box = fourierBoxFor(boxPx / 2, paddingFactor);
  const grid = 4 * (paddingFactor * boxPx) ** 2 * (paddingFactor * boxPx + 2);
  const maps = 4 * boxPx ** 3;
  const cloud = input.points * (12 + 12 + 4) + input.rotations * 40;
  const perImage = imageSetBytes(boxPx, input.bandPixelCount) + 3 * cloud;
  const affordable = Math.floor((BATCH_SHARE * input.limitBytes) / (perImage * input.blockSize));
  const wanted = input.batchParticles > 0 ? Math.ceil(input.batchParticles / input.blockSize) : MOST_BLOCKS;
  const blocksPerBatch = Math.max(1, Math.min(wanted, input.batchParticles > 0 ? wanted : affordable));
  const batchBytes = Math.min(blocksPerBatch * input.blockSize, input.particleCount) * perImage;
  const expectationBytes = 8 * box.voxelCount + 8 * maps + batchBytes;
  const maximizationBytes = (24 + 2 * 12) * box.voxelCount + grid + 8 * maps;
  const finalBytes = (24 + 2 * 12 + 12) * box.voxelCount + grid + 10 * maps;
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
