import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { bandPrefix } from "../geometry/band.ts";
import type { GridChildren } from "../geometry/grid-children.ts";
import type { DeviceBand, DeviceImageSet } from "../particles/image-set.ts";
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
  /** [shifts][neighbourCount] of this grid, −1: none. */
  readonly neighbours: Int32Array;
  readonly neighbourCount: number;
}

/** A coarse-to-fine scan: the base is compared whole. */
export interface ScanLevels {
  readonly base: ScanGrid;
  readonly finer: readonly FinerLevel[];
}

interface FinerOptions {
  /** A cell whose score is lower than the image's best by more than this is dropped, log-likelihood units. */
  readonly margin: number;
  readonly keepCount: number;
  readonly signal: AbortSignal;
}

export interface LevelOptions {
  /** Cells kept at every level but the last, and at the last. */
  readonly survivorCount: number;
  readonly keepCount: number;
  readonly margin: number;
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
  return { grid, scan };
}

/** Slices projected at a time: a fixed number, so that lists are cut alike whatever the batch. */
const FINER_BLOCK = 2048;

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
  const firstPixel = bandPrefix(band.band, 0);
  const pixelCount = bandPrefix(band.band, grid.maxShell);
  const parents = survivors(coarse, images, options.margin);
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  try {
    const state = makeScanState(device, images, options.keepCount, own);
    const shiftsPx = own(device.upload(grid.shifts.shiftsPx));
    const logShiftPrior = own(device.upload(imagePriors(grid.shifts, images)));
    const neighbours = own(device.upload(level.neighbours));
    const slices = own(
      device.allocate("f32", Math.min(FINER_BLOCK, grid.rotationCount) * 2 * (pixelCount - firstPixel)),
    );
    for (let first = 0; first < grid.rotationCount; first += FINER_BLOCK) {
      options.signal.throwIfAborted();
      const count = Math.min(FINER_BLOCK, grid.rotationCount - first);
      const cells = cellsOf(level, parents, images, first, first + count);
      if (cells.slice.length === 0) continue;
      const block = {
        rotations: device.upload(Float32Array.from(grid.quaternions.subarray(4 * first, 4 * (first + count)))),
        cellStart: device.upload(cells.start),
        cellSlice: device.upload(cells.slice),
        cellShift: device.upload(cells.shift),
      };
      device.project({
        ...set.args,
        ...reference.args,
        rotations: block.rotations,
        rotationCount: count,
        firstPixel,
        pixelCount,
        layout: "planes",
        out: slices,
      });
      device.compareCells({
        ...set.args,
        ...state,
        ...block,
        slices,
        sliceCount: count,
        firstSlice: first,
        firstPixel,
        pixelCount,
        shiftsPx,
        shiftCount: grid.shifts.count,
        logShiftPrior,
        neighbours,
        neighbourCount: level.neighbourCount,
        cellCount: cells.slice.length,
      });
      for (const buffer of Object.values(block)) buffer.free();
    }
    await device.idle();
    return { ...(await readScanState(device, state, images)), profile: null };
  } finally {
    for (const buffer of owned) buffer.free();
  }
}

/** Kept cells of each image: rows of a list. */
interface Survivors {
  readonly start: Int32Array;
  readonly slice: Int32Array;
  readonly shift: Int32Array;
}

function survivors(coarse: ScanResult, images: number, margin: number): Survivors {
  const K = coarse.topScore.length / images;
  const start = new Int32Array(images + 1);
  const slice: number[] = [];
  const shift: number[] = [];
  for (let i = 0; i < images; i++) {
    const row = coarse.topScore.subarray(i * K, (i + 1) * K);
    let best = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < K; k++) if (row[k]! > best) best = row[k]!;
    for (let k = 0; k < K; k++) {
      if (coarse.topSlice[i * K + k]! < 0 || !(row[k]! >= best - margin)) continue;
      slice.push(coarse.topSlice[i * K + k]!);
      shift.push(coarse.topShift[i * K + k]!);
    }
    start[i + 1] = slice.length;
  }
  return { start, slice: Int32Array.from(slice), shift: Int32Array.from(shift) };
}

/** Children of the survivors among the slices [first, last) of the finer grid, image by image. */
function cellsOf(level: FinerLevel, parents: Survivors, images: number, first: number, last: number): Survivors {
  const { start: childStart, child } = level.children;
  const start = new Int32Array(images + 1);
  let count = 0;
  const visit = (parent: number, take: (slice: number) => void) => {
    const end = childStart[parents.slice[parent]! + 1]!;
    for (let c = childStart[parents.slice[parent]!]!; c < end; c++) {
      const fine = child[c]!;
      if (fine >= last) return;
      if (fine >= first) take(fine);
    }
  };
  for (let i = 0; i < images; i++) {
    for (let parent = parents.start[i]!; parent < parents.start[i + 1]!; parent++) visit(parent, () => count++);
    start[i + 1] = count;
  }
  const slice = new Int32Array(count);
  const shift = new Int32Array(count);
  let at = 0;
  for (let parent = 0; parent < parents.slice.length; parent++) {
    visit(parent, (fine) => {
      slice[at] = fine - first;
      shift[at++] = level.shiftOf[parents.shift[parent]!]!;
    });
  }
  return { start, slice, shift };
}

/** Shifts of `grid` within `radius` steps of each of its shifts. */
export function shiftNeighbours(grid: ShiftGrid, radius: number): { neighbours: Int32Array; neighbourCount: number } {
  const steps = Int32Array.from(grid.shiftsPx, (px) => Math.round(px / grid.stepPx));
  const indexOf = new Map<string, number>();
  for (let s = 0; s < grid.count; s++) indexOf.set(`${steps[2 * s]},${steps[2 * s + 1]}`, s);
  const offsets: [number, number][] = [];
  const reach = Math.floor(radius);
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++) if (x * x + y * y <= radius * radius) offsets.push([x, y]);
  const neighbours = new Int32Array(grid.count * offsets.length);
  for (let s = 0; s < grid.count; s++) {
    offsets.forEach(([x, y], o) => {
      neighbours[s * offsets.length + o] = indexOf.get(`${steps[2 * s]! + x},${steps[2 * s + 1]! + y}`) ?? -1;
    });
  }
  return { neighbours, neighbourCount: offsets.length };
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
