import type { DeviceBuffer } from "../device/buffer.ts";
import { type InsertArgs, LEAST_CLUSTER } from "../device/ops/insert.ts";
import type { Device } from "../device/types.ts";
import { makeBandTiles } from "../geometry/band-tiles.ts";
import type { FourierBox } from "../geometry/fourier-box.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import { type DeviceBand, imageSetBytes, loadImageSet } from "../particles/image-set.ts";
import { type PosteriorBlock, partOfBlock } from "../posterior/block.ts";
import type { FixedPointScales } from "./finish-rows.ts";
import type { RowBatch } from "./insert-rows.ts";
import type { ModelRanks } from "./model-ranks.ts";
import { pointsInUse, slicesOfBlock } from "./slice-batches.ts";
import { packSlices } from "./slice-messages.ts";
import { tilesOfBlock } from "./tile-batches.ts";
import { packTiles } from "./tile-messages.ts";

export interface AccumulateOptions {
  readonly half: number;
  readonly maxShell: number;
  readonly paddingFactor: number;
  readonly group: PointGroup;
  /** Particles of this half-set: bounds the sums. */
  readonly particleCount: number;
  /** Upper bound of |X| over all images, after gain: Σ|x| over the pixels. */
  readonly largestAmplitude: number;
  readonly signal: AbortSignal;
  /**
   * Whether the sums of a large box shall take memory only where something is inserted. Then in small pages: to be had where single rotations go through
   * slab by slab, at the expense of speed where clusters of rotations go image by image through the whole box.
   */
  readonly isSparse?: boolean;
  /** Who holds what; default: this process everything. On many ranks each gives its own blocks, and all else is the same on each. */
  readonly ranks?: ModelRanks;
  /** How slices reach the rows of other ranks; auto (default): whichever is fewer bytes. The result does not depend on it. */
  readonly exchange?: "auto" | "sparse" | "dense";
}

/** Blocks with the weight p(good) of each of their particles. */
export interface WeightedBlock {
  readonly block: PosteriorBlock;
  readonly imageWeight: Float32Array;
}

/** Most memory that the images of one call of `insert` may take on the device, and about as much again on its way there. */
const IMAGE_BATCH_BYTES = 24 << 20;
/** Small accumulators stay in the cache anyway: less, down to this, and a quarter of the accumulator. */
const LEAST_IMAGE_BATCH_BYTES = 6 << 20;
/** Whole fixed-point accumulators beside those of a rank's rows are small change up to this size. */
const DENSE_BYTES = 32 << 20;

/** What every insertion of one half-set has in common. */
export interface Insertion {
  readonly device: Device;
  readonly band: DeviceBand;
  readonly reader: ImageReader;
  readonly model: ImageModel;
  readonly options: AccumulateOptions;
  readonly box: FourierBox;
  readonly scales: FixedPointScales;
  /** [imagesPerPart × N²] for images on their way to the device: fresh memory for each part would cost more than reading it. */
  readonly scratch: Float32Array;
}

/** Whether whole accumulators are small and fewer bytes than the slices of all ranks. The same on every rank. */
export function isDense({ box, options, band }: Insertion, { group }: ModelRanks): boolean {
  if (options.exchange === "sparse" || options.exchange === "dense") return options.exchange === "dense";
  const denseBytes = 24 * box.voxelCount;
  const pixels = band.band.shellStart[options.maxShell + 1]!;
  return denseBytes <= DENSE_BYTES && 16 * pixels * options.particleCount > denseBytes * group.size;
}

export async function insertWhole(
  insertion: Insertion,
  blocks: AsyncIterable<WeightedBlock>,
  accumulator: DeviceBuffer,
): Promise<void> {
  const { device } = insertion;
  // While one part is inserted the next is read.
  let inserted = Promise.resolve();
  for await (const part of partsOf(insertion, blocks)) {
    const points = await loadPoints(insertion, part);
    try {
      await inserted;
      device.insert({ ...points.args, accumulator });
    } finally {
      points.free();
    }
    inserted = device.idle();
    // What goes wrong is said where it is awaited, or after something else has.
    inserted.catch(() => {});
  }
  await inserted;
}

/** The images of this rank for the owners of rows: tiles with the points of clusters, slices of the others. */
export async function* rowBatches(
  insertion: Insertion,
  blocks: AsyncIterable<WeightedBlock>,
): AsyncGenerator<RowBatch> {
  const { device, box } = insertion;
  const tileCount = tileCountOf(insertion);
  for await (const part of partsOf(insertion, blocks)) {
    const points = await loadPoints(insertion, part);
    try {
      const { block, imageWeight } = part;
      let slices: Int32Array;
      if (block.rotationsPerImage < LEAST_CLUSTER) slices = pointsInUse(block, imageWeight);
      else {
        const loose: number[] = [];
        for await (const batch of tilesOfBlock(device, points.args, block, imageWeight, tileCount)) {
          for (const point of batch.loose) loose.push(point);
          yield { pack: (firstRow, endRow) => packTiles(batch.tiles, firstRow, endRow) };
        }
        slices = Int32Array.from(loose);
      }
      for await (const batch of slicesOfBlock(device, points.args, slices, box)) {
        yield { pack: (firstRow, endRow) => packSlices(batch, box, firstRow, endRow) };
      }
    } finally {
      points.free();
    }
  }
}

function tileCountOf({ band, model, options, box }: Insertion): number {
  return makeBandTiles({
    ...band.band,
    pixelCount: band.band.shellStart[options.maxShell + 1]!,
    shellCount: model.shellCount,
    paddingFactor: options.paddingFactor,
    radiusPx: box.radiusPx,
  }).count;
}

/** Images of one part. */
export function imagesPerPart(boxPx: number, bandPixelCount: number, box: FourierBox): number {
  const bytes = Math.min(IMAGE_BATCH_BYTES, Math.max(LEAST_IMAGE_BATCH_BYTES, 6 * box.voxelCount));
  return Math.max(1, Math.floor(bytes / imageSetBytes(boxPx, bandPixelCount)));
}

/** Blocks cut so that their images fit the memory of a batch. */
async function* partsOf(
  { band, model, options, box }: Insertion,
  blocks: AsyncIterable<WeightedBlock>,
): AsyncGenerator<WeightedBlock> {
  const most = imagesPerPart(model.boxPx, band.band.pixelCount, box);
  for await (const { block, imageWeight } of blocks) {
    for (let first = 0; first < block.particles.length; first += most) {
      options.signal.throwIfAborted();
      const end = Math.min(first + most, block.particles.length);
      yield { block: partOfBlock(block, first, end), imageWeight: imageWeight.subarray(first, end) };
    }
  }
}

/** Images and support points of a part, on the device. */
async function loadPoints(
  { device, band, reader, model, options, box, scales, scratch }: Insertion,
  { block, imageWeight }: WeightedBlock,
): Promise<{ args: Omit<InsertArgs, "accumulator">; free(): void }> {
  // The master image, neither masked nor moved, takes the whole shift: nothing is interpolated twice.
  const set = await loadImageSet(device, band, reader, model, block.particles, {
    half: options.half,
    mask: null,
    isRecentred: false,
    scratch,
  });
  const buffers = {
    active: device.upload(Int32Array.from(block.particles, (_, i) => i)),
    rotations: device.upload(block.rotations),
    shiftsPx: device.upload(block.shiftsPx),
    weights: device.upload(block.weights),
    imageWeight: device.upload(imageWeight),
  };
  return {
    args: {
      ...set.args,
      ...buffers,
      activeCount: block.particles.length,
      rotationsPerImage: block.rotationsPerImage,
      shiftsPerRotation: block.shiftsPerRotation,
      pixelCount: band.band.shellStart[options.maxShell + 1]!,
      paddingFactor: options.paddingFactor,
      accumulatorRadiusPx: box.radiusPx,
      ...scales,
    },
    free() {
      for (const buffer of Object.values(buffers)) buffer.free();
      set.free();
    },
  };
}

/**
 * Powers of two that bring the largest possible sum below 2^62 and that of one image below 2^50, from bounds known before
 * the first insertion: |contribution to F| ≤ scale·|X|/σ², to T ≤ scale²/σ²; one image adds at most 8 full contributions to a voxel.
 */
export function fixedPointScales(model: ImageModel, options: AccumulateOptions): FixedPointScales {
  let inverseSigma2 = 0;
  for (const value of model.sigma2[options.half]!) if (value > 0) inverseSigma2 = Math.max(inverseSigma2, 1 / value);
  const scale = model.scale.reduce((a, b) => Math.max(a, b), 0);
  const power = (bound: number) =>
    2 **
    Math.min(
      Math.floor(62 - Math.log2(8 * Math.max(options.particleCount, 1) * bound)),
      Math.floor(50 - Math.log2(8 * bound)),
    );
  return {
    forwardScale: power(options.largestAmplitude * scale * inverseSigma2),
    weightScale: power(scale * scale * inverseSigma2),
  };
}
