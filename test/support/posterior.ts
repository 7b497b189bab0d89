import type { Device } from "../../src/device/types.ts";
import { type Cloud, cloudFromScan } from "../../src/expectation/cloud.ts";
import {
  DEGREES_OF_FREEDOM,
  ENOUGH_ESS,
  type FilterOptions,
  type FilterResult,
  filterCloud,
} from "../../src/expectation/filter.ts";
import type { DeviceReference } from "../../src/expectation/reference.ts";
import { scanCoarseToFine } from "../../src/expectation/scan-finer.ts";
import { bandPrefix } from "../../src/geometry/band.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { refineTable } from "../../src/options/refine-options.ts";
import type { DeviceBand, DeviceImageSet } from "../../src/particles/image-set.ts";
import { filterPhases, makeScanLevels, SCAN_TEMPER, SURVIVOR_MARGIN } from "../../src/refine/schedule.ts";

export interface SearchOptions {
  readonly maxShell: number;
  /** Largest shell of the scan. */
  readonly scanShell: number;
  readonly pixelSizeA: number;
  readonly diameterA: number;
  readonly shiftSigmaPx: number;
  readonly key: Uint32Array;
  readonly rotationsPerImage?: number;
  readonly shiftsPerRotation?: number;
  readonly keepCells?: number;
  readonly stream?: number;
}

/** Support points that a refinement gives each image unless told otherwise. */
export const USUAL_POINTS = {
  rotationsPerImage: refineTable.rotationsPerImage.defaultValue!,
  shiftsPerRotation: refineTable.shiftsPerRotation.defaultValue!,
};

const never = new AbortController().signal;

/** A global round's search as a refinement does it: the shared scan, then the particle filter. */
export async function searchGlobally(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  options: SearchOptions,
): Promise<FilterResult> {
  const { keepCells = 96, stream = 1 } = options;
  const levels = makeScanLevels({
    maxShell: options.scanShell,
    boxPx: band.boxPx,
    pixelSizeA: options.pixelSizeA,
    diameterA: options.diameterA,
    shiftSigmaPx: options.shiftSigmaPx,
    group: pointGroup("C1"),
    seed: 3,
    round: stream,
  });
  const { grid, scan } = await scanCoarseToFine(device, set, band, reference, levels, {
    survivorCount: 2 * keepCells,
    keepCount: keepCells,
    margin: SURVIVOR_MARGIN,
    signal: never,
    onProgress: () => {},
  });
  const cloud = cloudFromScan(set, grid, scan, keepCells, SCAN_TEMPER);
  return filterFrom(device, set, band, reference, cloud, options);
}

/** The particle filter with the constants of a refinement, from any cloud. */
export async function filterFrom(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  cloud: Cloud,
  options: SearchOptions,
  changes: Partial<FilterOptions> = {},
): Promise<FilterResult> {
  const { rotationsPerImage, shiftsPerRotation, stream = 1 } = { ...USUAL_POINTS, ...options };
  return filterCloud(device, set, band.band, reference, cloud, {
    phases: filterPhases(options.scanShell, options.maxShell, rotationsPerImage, shiftsPerRotation),
    parentCount: rotationsPerImage,
    enoughEss: ENOUGH_ESS,
    degreesOfFreedom: DEGREES_OF_FREEDOM,
    shiftSigmaPx: options.shiftSigmaPx,
    symmetry: Float32Array.of(1, 0, 0, 0),
    key: options.key,
    stream,
    signal: never,
    ...changes,
  });
}

/** Log-likelihood of any support points: [images][rotationsPerImage][shiftsPerRotation]. */
export async function scores(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  rotations: Float32Array,
  shiftsPx: Float32Array,
  rotationsPerImage: number,
  shiftsPerRotation: number,
  maxShell: number,
): Promise<Float32Array> {
  const count = set.args.imageCount;
  const buffers = {
    active: device.upload(Int32Array.from({ length: count }, (_, i) => i)),
    rotations: device.upload(rotations),
    shiftsPx: device.upload(shiftsPx),
    out: device.allocate("f32", count * rotationsPerImage * shiftsPerRotation),
  };
  device.scorePoints({
    ...set.args,
    ...reference.args,
    ...buffers,
    activeCount: count,
    rotationsPerImage,
    shiftsPerRotation,
    firstPixel: bandPrefix(band.band, 0),
    pixelCount: bandPrefix(band.band, maxShell),
  });
  const out = (await device.read(buffers.out)) as Float32Array;
  for (const buffer of Object.values(buffers)) buffer.free();
  return out;
}
