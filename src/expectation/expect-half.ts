import { philox4x32, uniform01 } from "../core/random.ts";
import { KERNEL_FIELDS } from "../device/ops/cloud/kernel.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { Device } from "../device/types.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import { type DeviceBand, type DeviceImageSet, loadImageSet } from "../particles/image-set.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import { type SupportPoints, sampleRotations } from "../posterior/sample-rotations.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import type { ScanMargin } from "./child-cells.ts";
import { type Cloud, cloudFromScan } from "./cloud.ts";
import { type DefocusCurves, type DefocusPlan, defocusCurves } from "./defocus-curves.ts";
import { type FilterOptions, type FilterResult, filterCloud } from "./filter.ts";
import { settleMates } from "./over-mates.ts";
import type { DeviceReference } from "./reference.ts";
import { sliceSetOf } from "./scan.ts";
import { type ScanLevels, scanCoarseToFine } from "./scan-finer.ts";
import { openSliceSource, type SliceSourceOptions } from "./slices/open.ts";
import type { SliceSource } from "./slices/types.ts";

/** Where the clouds of a round come from: the shared scan, or what an earlier round left for these particles. */
export type CloudSource =
  | {
      readonly kind: "scan";
      readonly levels: ScanLevels;
      /** Cells kept at every level but the last, and at the last. */
      readonly survivorCount: number;
      readonly keepCount: number;
      readonly margin: ScanMargin;
      readonly temper: number;
      /** How the slices of the base reach the ranks; absent: each batch cuts them anew. */
      readonly sharing?: Omit<SliceSourceOptions, "passes" | "rowsPerPass">;
    }
  | { readonly kind: "continue"; readonly cloudOf: (particles: Int32Array, recentrePx: Int32Array) => Promise<Cloud> };

export interface ExpectHalfOptions {
  readonly half: number;
  /** Rows of the particle table in this half-set, in order. */
  readonly particles: Int32Array;
  /** Particles per posterior block: fixed by the options, never by batch, threads or ranks. */
  readonly blockSize: number;
  /** Blocks that this process works on: first, and one past the last; absent: all. */
  readonly ownBlocks?: { readonly first: number; readonly end: number };
  /** Blocks per batch on the device. */
  readonly blocksPerBatch: number;
  readonly mask: { readonly radiusPx: number; readonly edgePx: number } | null;
  readonly source: CloudSource;
  /** Null or absent: the images keep the defocus that they have. */
  readonly defocus?: DefocusPlan | null;
  readonly filter: Omit<FilterOptions, "key" | "signal">;
  /** Rotations of each posterior that leave residuals and are inserted: an unbiased sample, or all where there are no more. */
  readonly insertedRotations: number;
  readonly signal: AbortSignal;
  readonly onScan: (done: number, total: number) => void;
  readonly onBatch: (done: number) => void;
}

/** The expectation phase of one half-set against its own reference: every block that the store does not hold yet. */
export async function expectHalf(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  reference: DeviceReference,
  store: PosteriorStore,
  options: ExpectHalfOptions,
): Promise<void> {
  const all = { first: 0, end: Math.ceil(options.particles.length / options.blockSize) };
  const own = options.ownBlocks ?? all;
  const missing: number[] = [];
  for (let b = own.first; b < own.end; b++) if (!store.has(options.half, b)) missing.push(b);
  const rowsOf = (b: number) => options.particles.slice(b * options.blockSize, (b + 1) * options.blockSize);
  let done = 0;
  for (let b = own.first; b < own.end; b++) if (store.has(options.half, b)) done += rowsOf(b).length;
  const slices = await openSlices(device, band, reference, missing.length, options);
  for (let at = 0; at < missing.length; at += options.blocksPerBatch) {
    options.signal.throwIfAborted();
    const blocks = missing.slice(at, at + options.blocksPerBatch);
    const rows = blocks.map(rowsOf);
    const particles = concatenate(rows);
    const isScan = options.source.kind === "scan";
    const set = await loadImageSet(device, band, reader, model, particles, {
      half: options.half,
      mask: options.mask,
      isRecentred: !isScan,
    });
    try {
      const cloud = await startCloud(device, set, band, reference, slices, options);
      const key = new Uint32Array(2 * particles.length);
      for (const [i, p] of particles.entries()) key.set(model.key.subarray(2 * p, 2 * p + 2), 2 * i);
      const found = await filterCloud(device, set, band.band, reference, cloud, {
        ...options.filter,
        key,
        signal: options.signal,
      });
      if (options.filter.mates) settleMates(found, options.filter.mates);
      const points = sampleRotations(found, options.insertedRotations, sampleOffsets(key, options.filter.stream));
      const statistics = await residualStatistics(device, set, reference, points);
      const curves = await curvesOf(device, band, reader, model, reference, particles, found, key, options);
      let first = 0;
      for (const [k, index] of blocks.entries()) {
        await store.append(
          cutBlock(
            options.half,
            index,
            rows[k]!,
            first,
            { ...found, ...points },
            statistics,
            set,
            options.filter.parentCount,
            curves,
          ),
        );
        first += rows[k]!.length;
      }
    } finally {
      set.free();
    }
    done += particles.length;
    options.onBatch(done);
  }
  await slices?.finish();
}

/** The slices of a scan, shared with the other ranks; null where each batch cuts its own. */
async function openSlices(
  device: Device,
  band: DeviceBand,
  reference: DeviceReference,
  missingBlocks: number,
  options: ExpectHalfOptions,
): Promise<SliceSource | null> {
  const { source, blocksPerBatch } = options;
  if (source.kind !== "scan" || !source.sharing) return null;
  const images = options.blockSize * Math.min(blocksPerBatch, Math.max(missingBlocks, 1));
  return openSliceSource(device, sliceSetOf(band, reference, source.levels.base, options.half), {
    ...source.sharing,
    passes: Math.ceil(missingBlocks / blocksPerBatch),
    rowsPerPass: images * source.levels.base.shifts.count,
  });
}

async function startCloud(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  slices: SliceSource | null,
  options: ExpectHalfOptions,
): Promise<Cloud> {
  const source = options.source;
  if (source.kind === "continue") return source.cloudOf(set.particles, set.recentrePx);
  const { grid, scan } = await scanCoarseToFine(device, set, band, reference, source.levels, {
    survivorCount: source.survivorCount,
    keepCount: source.keepCount,
    margin: source.margin,
    signal: options.signal,
    onProgress: options.onScan,
    ...(slices ? { slices } : {}),
  });
  return cloudFromScan(set, grid, scan, source.keepCount, source.temper);
}

/** Curves of the images without their mask: what defocus has spread beyond the particle tells most about it. */
async function curvesOf(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  reference: DeviceReference,
  particles: Int32Array,
  points: SupportPoints,
  key: Uint32Array,
  options: ExpectHalfOptions,
): Promise<DefocusCurves | null> {
  if (!options.defocus) return null;
  const { half, source } = options;
  const isRecentred = source.kind !== "scan";
  const set = await loadImageSet(device, band, reader, model, particles, { half, mask: null, isRecentred });
  try {
    const image = { half, set, model, key, stream: options.filter.stream };
    return await defocusCurves(device, band, image, reference, points, options.defocus);
  } finally {
    set.free();
  }
}

/** Words that keep the sample of rotations apart from other draws of the image and round. */
const SAMPLE_STREAM = 0x73616d70;

function sampleOffsets(key: Uint32Array, stream: number): (image: number) => number {
  const words = new Uint32Array(4);
  return (image) => {
    philox4x32(words, key[2 * image]!, key[2 * image + 1]!, stream, SAMPLE_STREAM, 0, 0);
    return uniform01(words[0]!);
  };
}

/** [images][3][shellCount] of the points that will be inserted. */
async function residualStatistics(
  device: Device,
  set: DeviceImageSet,
  reference: DeviceReference,
  points: SupportPoints,
): Promise<Float64Array> {
  const images = set.args.imageCount;
  const buffers = {
    active: device.upload(Int32Array.from({ length: images }, (_, i) => i)),
    rotations: device.upload(points.rotations),
    shiftsPx: device.upload(points.shiftsPx),
    weights: device.upload(points.weights),
    out: device.allocate("f64", images * 3 * set.args.shellCount),
  };
  device.residuals({
    ...set.args,
    ...reference.args,
    ...buffers,
    activeCount: images,
    rotationsPerImage: points.rotationsPerImage,
    shiftsPerRotation: points.shiftsPerRotation,
  });
  const statistics = (await device.read(buffers.out)) as Float64Array;
  for (const buffer of Object.values(buffers)) buffer.free();
  return statistics;
}

/** Rows first … of a batch as a block; shifts become absolute by adding what recentring took out. */
function cutBlock(
  half: number,
  index: number,
  particles: Int32Array,
  first: number,
  found: FilterResult,
  statistics: Float64Array,
  set: DeviceImageSet,
  parentCount: number,
  curves: DefocusCurves | null,
): PosteriorBlock {
  const count = particles.length;
  const M = found.rotationsPerImage;
  const T = found.shiftsPerRotation;
  const rows = <A extends Float32Array | Float64Array>(array: A, width: number) =>
    array.slice(first * width, (first + count) * width) as A;
  const shiftsPx = rows(found.shiftsPx, M * T * 2);
  const parentShiftsPx = rows(found.parentShiftsPx, parentCount * 2);
  const summary = rows(found.summary, SUMMARY_FIELDS);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 2; c++) {
      const offset = set.recentrePx[2 * (first + i) + c]!;
      for (let k = 0; k < M * T; k++) shiftsPx[(i * M * T + k) * 2 + c]! += offset;
      for (let k = 0; k < parentCount; k++) parentShiftsPx[(i * parentCount + k) * 2 + c]! += offset;
      summary[i * SUMMARY_FIELDS + SUMMARY.shiftPx + c]! += offset;
    }
  }
  const shellCount = set.args.shellCount;
  return {
    half,
    index,
    particles,
    rotationsPerImage: M,
    shiftsPerRotation: T,
    parentCount,
    shellCount,
    rotations: rows(found.rotations, M * 4),
    shiftsPx,
    weights: rows(found.weights, M * T),
    summary,
    kernel: rows(found.kernel, KERNEL_FIELDS),
    parentRotations: rows(found.parentRotations, parentCount * 4),
    parentShiftsPx,
    statistics: rows(statistics, 3 * shellCount),
    ...(curves
      ? {
          defocus: {
            curve: rows(curves.curve, curves.curve.length / set.args.imageCount),
            astigmatism: rows(curves.astigmatism, 4),
          },
        }
      : {}),
  };
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
