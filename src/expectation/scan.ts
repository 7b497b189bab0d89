import type { DeviceBuffer } from "../device/buffer.ts";
import { SLICE_PANEL } from "../device/ops/project.ts";
import type { Device } from "../device/types.ts";
import { bandPrefix } from "../geometry/band.ts";
import type { DeviceBand, DeviceImageSet } from "../particles/image-set.ts";
import type { DeviceReference } from "./reference.ts";
import type { ShiftGrid } from "./shift-grid.ts";

/** The shared set of poses of a global round: every image of a half-set meets every one of them. */
export interface ScanGrid {
  /** [rotationCount][4] */
  readonly quaternions: Float64Array;
  readonly rotationCount: number;
  readonly rotationStepRad: number;
  readonly shifts: ShiftGrid;
  /** Largest shell compared. */
  readonly maxShell: number;
}

export interface ScanOptions {
  readonly keepCount: number;
  /** Maximise the grey scale out per pose: the first look at a reference of unknown scale. */
  readonly profileScale: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface ScanResult {
  /** [images][2] running maximum and sum of exp(score − maximum) over all slices. */
  readonly evidence: Float64Array;
  /** [images][keepCount] */
  readonly topScore: Float32Array;
  readonly topSlice: Int32Array;
  readonly topShift: Int32Array;
  /** [images][4], only with profileScale. */
  readonly profile: Float32Array | null;
}

/** Slices of one block: a fixed number, so that the evidence is merged in the same order whatever the batch. */
export const SLICE_BLOCK = 64 * SLICE_PANEL;

/** Global search: samples the slices block by block and compares each with all images of the set. */
export async function scanGlobally(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  grid: ScanGrid,
  options: ScanOptions,
): Promise<ScanResult> {
  const images = set.args.imageCount;
  const K = options.keepCount;
  const pixelCount = bandPrefix(band.band, grid.maxShell);
  const firstPixel = bandPrefix(band.band, 0);
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const evidence = own(device.upload(repeatRow([Number.NEGATIVE_INFINITY, 0], images)));
    const topScore = own(device.allocate("f32", images * K));
    const topSlice = own(device.allocate("i32", images * K));
    const topShift = own(device.allocate("i32", images * K));
    device.fill(topScore, Number.NEGATIVE_INFINITY);
    device.fill(topSlice, -1);
    device.fill(topShift, -1);
    const profileStart = Float32Array.from(repeatRow([Number.NEGATIVE_INFINITY, 0, 0, 0], images));
    const profile = options.profileScale ? own(device.upload(profileStart)) : null;
    const shiftsPx = own(device.upload(grid.shifts.shiftsPx));
    const prior = new Float32Array(images * grid.shifts.count);
    for (let i = 0; i < images; i++) prior.set(grid.shifts.logPrior, i * grid.shifts.count);
    const logShiftPrior = own(device.upload(prior));
    const slices = own(device.allocate("f32", SLICE_BLOCK * 3 * (pixelCount - firstPixel)));
    for (let first = 0; first < grid.rotationCount; first += SLICE_BLOCK) {
      options.signal.throwIfAborted();
      const count = Math.min(SLICE_BLOCK, grid.rotationCount - first);
      const rotations = device.upload(Float32Array.from(grid.quaternions.subarray(4 * first, 4 * (first + count))));
      device.project({
        ...set.args,
        ...reference.args,
        rotations,
        rotationCount: count,
        firstPixel,
        pixelCount,
        layout: "panels",
        out: slices,
      });
      device.compare({
        ...set.args,
        slices,
        sliceCount: count,
        firstSlice: first,
        firstPixel,
        pixelCount,
        shiftsPx,
        shiftCount: grid.shifts.count,
        logShiftPrior,
        profileScale: options.profileScale,
        keepCount: K,
        evidence,
        topScore,
        topSlice,
        topShift,
        profile,
      });
      rotations.free();
      await device.idle();
      options.onProgress(first + count, grid.rotationCount);
    }
    return {
      evidence: (await device.read(evidence)) as Float64Array,
      topScore: (await device.read(topScore)) as Float32Array,
      topSlice: (await device.read(topSlice)) as Int32Array,
      topShift: (await device.read(topShift)) as Int32Array,
      profile: profile ? ((await device.read(profile)) as Float32Array) : null,
    };
  } finally {
    for (const buffer of owned) buffer.free();
  }
}

function repeatRow(row: readonly number[], rows: number): Float64Array {
  const out = new Float64Array(row.length * rows);
  for (let i = 0; i < rows; i++) out.set(row, i * row.length);
  return out;
}
