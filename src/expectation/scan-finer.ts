import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { bandPrefix } from "../geometry/band.ts";
import { makeBandColumns } from "../geometry/band-columns.ts";
import type { GridChildren } from "../geometry/grid-children.ts";
import type { DeviceBand, DeviceImageSet } from "../particles/image-set.ts";
import { bestFirst } from "./best-first.ts";
import { childCells, type ScanMargin } from "./child-cells.ts";
import type { DeviceReference } from "./reference.ts";
import { imagePriors, makeScanState, readScanState, type ScanGrid, type ScanResult, scanGlobally } from "./scan.ts";
import type { ShiftGrid } from "./shift-grid.ts";
import type { SliceSource } from "./slices/types.ts";

/** A finer grid of a scan: only the children of the cells that the coarser one left are compared. */
export interface FinerLevel {
  readonly grid: ScanGrid;
  /** Rotations of this grid nearest to each rotation of the coarser one. */
  readonly children: GridChildren;
  /** [coarser shifts] nearest shift of this grid. */
  readonly shiftOf: Int32Array;
}

/** A coarse-to-fine scan: the base is compared whole. */
export interface ScanLevels {
  readonly base: ScanGrid;
  readonly finer: readonly FinerLevel[];
}

interface FinerOptions {
  readonly margin: ScanMargin;
  readonly keepCount: number;
  readonly signal: AbortSignal;
}

export interface LevelOptions {
  /** Cells kept at every level but the last, and at the last. */
  readonly survivorCount: number;
  readonly keepCount: number;
  readonly margin: ScanMargin;
  /** Where the slices of the base come from; absent: they are cut here. */
  readonly slices?: SliceSource;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Compares the base whole, then level by level the children of what was kept; what the finest grid found, and that grid. */
export async function scanCoarseToFine(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  { base, finer }: ScanLevels,
  { survivorCount, keepCount, margin, ...options }: LevelOptions,
): Promise<{ readonly grid: ScanGrid; readonly scan: ScanResult }> {
  const keepOf = (level: number) => (level === finer.length ? keepCount : survivorCount);
  let grid = base;
  let scan = await scanGlobally(device, set, band, reference, base, {
    ...options,
    keepCount: keepOf(0),
    profileScale: false,
  });
  for (const [i, level] of finer.entries()) {
    const { signal } = options;
    scan = await scanFiner(device, set, band, reference, level, scan, { margin, keepCount: keepOf(i + 1), signal });
    grid = level.grid;
  }
  return { grid, scan: bestFirst(scan, set.args.imageCount) };
}

/** Floats of a block of slices: some MB, that a processor's cache holds while all images meet them. The same for every batch. */
const BLOCK_FLOATS = 1 << 20;

/** Subdivides the cells that a coarser scan kept and compares each image with its own. */
async function scanFiner(
  device: Device,
  set: DeviceImageSet,
  band: DeviceBand,
  reference: DeviceReference,
  level: FinerLevel,
  coarse: ScanResult,
  options: FinerOptions,
): Promise<ScanResult> {
  const { grid } = level;
  const images = set.args.imageCount;
  const columns = makeBandColumns(band.band, bandPrefix(band.band, 0), bandPrefix(band.band, grid.maxShell));
  const pixels = columns.source.length;
  const blockSlices = Math.max(1, Math.floor(BLOCK_FLOATS / (2 * pixels)));
  const cells = childCells(coarse, images, level.children, level.shiftOf, options.margin, blockSlices);
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const shared = {
      ...set.args,
      ...makeScanState(device, images, options.keepCount, own),
      columnKx: own(device.upload(columns.kx)),
      columnKy: own(device.upload(columns.ky)),
      columnSource: own(device.upload(columns.source)),
      rowCount: columns.rowCount,
      chunkStart: own(device.upload(columns.chunkStart)),
      chunkCount: columns.chunkCount,
      slices: own(device.allocate("f32", Math.min(blockSlices, grid.rotationCount) * 2 * pixels)),
      shiftSteps: own(device.upload(grid.shifts.steps)),
      shiftCount: grid.shifts.count,
      stepPx: grid.shifts.stepPx,
      logShiftPrior: own(device.upload(imagePriors(grid.shifts, images))),
    };
    const columnShell = own(device.upload(columns.shell));
    for (let block = 0; block * blockSlices < grid.rotationCount; block++) {
      options.signal.throwIfAborted();
      const first = block * blockSlices;
      const count = Math.min(blockSlices, grid.rotationCount - first);
      const start = cells.start.slice(block * images, (block + 1) * images + 1);
      const [from, to] = [start[0]!, start[images]!];
      if (from === to) continue;
      const lists = {
        cellStart: device.upload(start.map((at) => at - from)),
        cellSlice: device.upload(cells.slice.subarray(from, to)),
        cellShift: device.upload(cells.shift.subarray(from, to)),
      };
      const rotations = device.upload(Float32Array.from(grid.quaternions.subarray(4 * first, 4 * (first + count))));
      device.project({
        ...reference.args,
        boxPx: shared.boxPx,
        bandKx: shared.columnKx,
        bandKy: shared.columnKy,
        bandShell: columnShell,
        bandPixelCount: pixels,
        rotations,
        rotationCount: count,
        firstPixel: 0,
        pixelCount: pixels,
        layout: "planes",
        out: shared.slices,
      });
      device.compareCells({ ...shared, ...lists, sliceCount: count, firstSlice: first, cellCount: to - from });
      for (const buffer of [rotations, ...Object.values(lists)]) buffer.free();
    }
    await device.idle();
    return { ...(await readScanState(device, shared)), profile: null };
  } finally {
    for (const buffer of owned) buffer.free();
  }
}

/** [coarse.count] nearest shift of `fine`. */
export function nearestShifts(coarse: ShiftGrid, fine: ShiftGrid): Int32Array {
  return Int32Array.from({ length: coarse.count }, (_, c) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let f = 0; f < fine.count; f++) {
      const distance = Math.hypot(
        fine.shiftsPx[2 * f]! - coarse.shiftsPx[2 * c]!,
        fine.shiftsPx[2 * f + 1]! - coarse.shiftsPx[2 * c + 1]!,
      );
      if (distance < least) {
        least = distance;
        best = f;
      }
    }
    return best;
  });
}
