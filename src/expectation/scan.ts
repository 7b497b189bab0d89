import type { DeviceBuffer } from "../device/buffer.ts";
import type { ScanState } from "../device/ops/compare.ts";
import type { Device } from "../device/types.ts";
import { bandPrefix } from "../geometry/band.ts";
import type { DeviceBand, DeviceImageSet } from "../particles/image-set.ts";
import type { DeviceReference } from "./reference.ts";
import type { ShiftGrid } from "./shift-grid.ts";
import { recomputedSlices } from "./slices/recompute.ts";
import type { SliceSet, SliceSource } from "./slices/types.ts";

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
  /** Where the slices of `sliceSetOf` come from; absent: they are cut here. */
  readonly slices?: SliceSource;
  readonly keepCount: number;
  /** Maximise the grey scale out per pose: the first look at a reference of unknown scale. */
  readonly profileScale: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface ScanResult {
  /** [images][2] running maximum and sum of exp(score − maximum) over all slices, in the order in which they came. */
  readonly evidence: Float64Array;
  /** [images][keepCount] the best slices (of equals the earlier), in the order in which they were found: `bestFirst` sorts them. −1: none. */
  readonly topScore: Float32Array;
  readonly topSlice: Int32Array;
  readonly topShift: Int32Array;
  /** [images][4], only with profileScale. */
  readonly profile: Float32Array | null;
}

/** The slices that a scan compares with every image of a half-set. */
export function sliceSetOf(band: DeviceBand, reference: DeviceReference, grid: ScanGrid, half: number): SliceSet {
  const { boxPx, bandKx, bandKy, bandShell, bandPixelCount } = band;
  return {
    cut: {
      ...{ boxPx, bandKx, bandKy, bandShell, bandPixelCount },
      ...reference.args,
      firstPixel: bandPrefix(band.band, 0),
      pixelCount: bandPrefix(band.band, grid.maxShell),
      layout: "panels",
    },
    quaternions: grid.quaternions,
    count: grid.rotationCount,
    half,
  };
}

/** Global search: compares the slices, block by block, with all images of the set. */
export async function scanGlobally(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  grid: ScanGrid,
  options: ScanOptions,
): Promise<ScanResult> {
  const images = set.args.imageCount;
  const pixelCount = bandPrefix(band.band, grid.maxShell);
  const firstPixel = bandPrefix(band.band, 0);
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const state = makeScanState(device, images, options.keepCount, own);
    const profileStart = Float32Array.from(repeatRow([Number.NEGATIVE_INFINITY, 0, 0, 0], images));
    const profile = options.profileScale ? own(device.upload(profileStart)) : null;
    const shiftsPx = own(device.upload(grid.shifts.shiftsPx));
    const logShiftPrior = own(device.upload(imagePriors(grid.shifts, images)));
    const source = options.slices ?? recomputedSlices(device, sliceSetOf(band, reference, grid, 0));
    let done = 0;
    for await (const { slices, first, count } of source.blocks()) {
      options.signal.throwIfAborted();
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
        ...state,
        profile,
      });
      await device.idle();
      done += count;
      options.onProgress(done, grid.rotationCount);
    }
    return {
      ...(await readScanState(device, state)),
      profile: profile ? ((await device.read(profile)) as Float32Array) : null,
    };
  } finally {
    for (const buffer of owned) buffer.free();
  }
}

/** What a scan keeps of each image, empty. */
export function makeScanState(
  device: Device,
  images: number,
  keepCount: number,
  own: (buffer: DeviceBuffer) => DeviceBuffer,
): ScanState {
  const state = {
    keepCount,
    evidence: own(device.upload(repeatRow([Number.NEGATIVE_INFINITY, 0], images))),
    topScore: own(device.allocate("f32", images * keepCount)),
    topSlice: own(device.allocate("i32", images * keepCount)),
    topShift: own(device.allocate("i32", images * keepCount)),
  };
  device.fill(state.topScore, Number.NEGATIVE_INFINITY);
  device.fill(state.topSlice, -1);
  device.fill(state.topShift, -1);
  return state;
}

export async function readScanState(device: Device, state: ScanState): Promise<Omit<ScanResult, "profile">> {
  return {
    evidence: (await device.read(state.evidence)) as Float64Array,
    topScore: (await device.read(state.topScore)) as Float32Array,
    topSlice: (await device.read(state.topSlice)) as Int32Array,
    topShift: (await device.read(state.topShift)) as Int32Array,
  };
}

/** [images][shifts] log prior: the same for every image, whose centre is where the shifts are counted from. */
export function imagePriors(shifts: ShiftGrid, images: number): Float32Array {
  const prior = new Float32Array(images * shifts.count);
  for (let i = 0; i < images; i++) prior.set(shifts.logPrior, i * shifts.count);
  return prior;
}

function repeatRow(row: readonly number[], rows: number): Float64Array {
  const out = new Float64Array(row.length * rows);
  for (let i = 0; i < rows; i++) out.set(row, i * row.length);
  return out;
}
