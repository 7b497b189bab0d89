import { expectPositive } from "../../core/checks.ts";
import { COLUMN_LANES } from "../../geometry/band-columns.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkImageSet } from "../check-image-set.ts";
import { hostF32, hostI32 } from "../reference/host-buffer.ts";
import { addEvidence, checkScanState, keepBest, type ScanState } from "./compare.ts";
import type { ImageSetArgs } from "./image-set.ts";

/** Largest distance of the shifts looked at for a cell, in steps: 21 of them. */
export const NEAR_STEPS = Math.sqrt(5);

/**
 * Each image of a set against its own list of slices, each under the shifts around one of a regular grid: what `compare` does to
 * all, for the cells that a coarser scan left over.
 *
 * A cell is a slice and the index c of a shift. With cross(t), norm and the prior of `compare`:
 *   score(cell) = log Σ_t exp(cross(t) − norm + logShiftPrior(t)),   t over the shifts of the grid within √5 steps of c.
 * The running state is that of `compare`, updated in the order of the list: the same lists, one after the other, give the same bytes
 * however they are cut into calls. A cell with NaN gives NaN evidence and is never kept.
 */
export interface CompareCellsArgs extends ImageSetArgs, ScanState {
  /** i32 [rowCount][2][8]: frequencies of the slices' pixels, and where the band has them (−1: nowhere), as BandColumns lays them out. */
  readonly columnKx: DeviceBuffer;
  readonly columnKy: DeviceBuffer;
  readonly columnSource: DeviceBuffer;
  readonly rowCount: number;
  /** i32 [chunkCount + 1]: first row of each chunk; within one, the kx of a lane is the same in every row. */
  readonly chunkStart: DeviceBuffer;
  readonly chunkCount: number;
  /** f32 [sliceCount][2][16 rowCount]: layout "planes" of `project`, pixels in the order of the columns. */
  readonly slices: DeviceBuffer;
  readonly sliceCount: number;
  /** Index of the block's first slice in the whole set. */
  readonly firstSlice: number;
  /** i32 [shiftCount][2]: the grid of shifts, in steps of stepPx along x and y. */
  readonly shiftSteps: DeviceBuffer;
  readonly shiftCount: number;
  readonly stepPx: number;
  /** f32 [imageCount][shiftCount]. */
  readonly logShiftPrior: DeviceBuffer;
  /** i32 [imageCount + 1]: where each image's cells begin; the last is cellCount. */
  readonly cellStart: DeviceBuffer;
  readonly cellCount: number;
  /** i32 [cellCount]: slice within the block. */
  readonly cellSlice: DeviceBuffer;
  /** i32 [cellCount]: shift of the grid. */
  readonly cellShift: DeviceBuffer;
}

export function checkCompareCells(args: CompareCellsArgs): void {
  checkImageSet("compareCells", args);
  expectCount("compareCells: rowCount", args.rowCount);
  expectCount("compareCells: chunkCount", args.chunkCount);
  expectCount("compareCells: sliceCount", args.sliceCount);
  expectCount("compareCells: firstSlice", args.firstSlice);
  expectCount("compareCells: shiftCount", args.shiftCount, 1);
  expectPositive("compareCells: stepPx", args.stepPx);
  expectCount("compareCells: cellCount", args.cellCount);
  const pixels = 2 * COLUMN_LANES * args.rowCount;
  expectBuffer("compareCells: columnKx", args.columnKx, "i32", pixels);
  expectBuffer("compareCells: columnKy", args.columnKy, "i32", pixels);
  expectBuffer("compareCells: columnSource", args.columnSource, "i32", pixels);
  expectBuffer("compareCells: chunkStart", args.chunkStart, "i32", args.chunkCount + 1);
  expectBuffer("compareCells: slices", args.slices, "f32", args.sliceCount * 2 * pixels);
  expectBuffer("compareCells: shiftSteps", args.shiftSteps, "i32", 2 * args.shiftCount);
  expectBuffer("compareCells: logShiftPrior", args.logShiftPrior, "f32", args.imageCount * args.shiftCount);
  expectBuffer("compareCells: cellStart", args.cellStart, "i32", args.imageCount + 1);
  expectBuffer("compareCells: cellSlice", args.cellSlice, "i32", args.cellCount);
  expectBuffer("compareCells: cellShift", args.cellShift, "i32", args.cellCount);
  checkScanState("compareCells", args);
}

export function compareCellsReference(args: CompareCellsArgs): void {
  const start = hostI32(args.cellStart);
  const cellSlice = hostI32(args.cellSlice);
  const cellShift = hostI32(args.cellShift);
  const near = nearShifts(args);
  for (let image = 0; image < args.imageCount; image++) {
    const logPrior = hostF32(args.logShiftPrior).subarray(image * args.shiftCount);
    const likelihood = cellLikelihood(args, image);
    for (let cell = start[image]!; cell < start[image + 1]!; cell++) {
      const slice = cellSlice[cell]!;
      const shifts = near(cellShift[cell]!);
      const values = shifts.map((t) => likelihood(slice, t) + logPrior[t]!);
      let best = 0;
      values.forEach((value, i) => {
        if (value > values[best]!) best = i;
      });
      const sum = values.reduce((total, value) => total + Math.exp(value - values[best]!), 0);
      const score = values[best]! + Math.log(sum);
      addEvidence(args, image, score);
      keepBest(args, image, args.firstSlice + slice, { score, bestShift: shifts[best]! });
    }
  }
}

/** Shifts of the grid within NEAR_STEPS of one of them, by rising y, then x. */
function nearShifts(args: CompareCellsArgs): (shift: number) => number[] {
  const steps = hostI32(args.shiftSteps);
  const all = Array.from({ length: args.shiftCount }, (_, t) => t);
  all.sort((a, b) => steps[2 * a + 1]! - steps[2 * b + 1]! || steps[2 * a]! - steps[2 * b]!);
  return (c) =>
    all.filter(
      (t) => Math.hypot(steps[2 * t]! - steps[2 * c]!, steps[2 * t + 1]! - steps[2 * c + 1]!) <= NEAR_STEPS + 1e-9,
    );
}

/** cross(t) − norm of one image. */
function cellLikelihood(args: CompareCellsArgs, image: number): (slice: number, t: number) => number {
  const pixels = 2 * COLUMN_LANES * args.rowCount;
  const images = hostF32(args.images);
  const slices = hostF32(args.slices);
  const steps = hostI32(args.shiftSteps);
  const kx = hostI32(args.columnKx);
  const ky = hostI32(args.columnKy);
  const source = hostI32(args.columnSource);
  const shell = hostI32(args.bandShell);
  const scale = hostF32(args.scale)[image]!;
  const inverseSigma2 = hostF32(args.inverseSigma2).subarray(hostI32(args.group)[image]! * args.shellCount);
  const plane = 2 * image * args.bandPixelCount;
  return (slice, t) => {
    let sum = 0;
    for (let p = 0; p < pixels; p++) {
      const k = source[p]!;
      if (k < 0 || shell[k]! >= args.shellCount) continue;
      const [re, im] = [slices[2 * slice * pixels + p]!, slices[(2 * slice + 1) * pixels + p]!];
      const [x, y] = [images[plane + k]!, images[plane + args.bandPixelCount + k]!];
      const contrast = scale * (args.ctf === null ? 1 : hostF32(args.ctf)[image * args.bandPixelCount + k]!);
      const weight = contrast * inverseSigma2[shell[k]!]!;
      const turns = ((kx[p]! * steps[2 * t]! + ky[p]! * steps[2 * t + 1]!) * args.stepPx) / args.boxPx;
      const phaseRad = 2 * Math.PI * turns;
      const turned = (x * re + y * im) * Math.cos(phaseRad) + (x * im - y * re) * Math.sin(phaseRad);
      sum += weight * turned - 0.5 * weight * contrast * (re * re + im * im);
    }
    return sum;
  };
}
