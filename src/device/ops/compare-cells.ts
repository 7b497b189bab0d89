import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkImageSet } from "../check-image-set.ts";
import { hostF32, hostI32 } from "../reference/host-buffer.ts";
import { addEvidence, checkScanState, keepBest, pixelWeights, type ScanPixels, type ScanState } from "./compare.ts";
import { checkPixelRange } from "./project.ts";

/**
 * Each image of a set against its own list of slices, each under the shifts around one of a grid: what `compare` does to
 * all, for the cells that a coarser scan left over.
 *
 * A cell is a slice and the index c of a shift. With cross(t), norm and the prior of `compare`:
 *   score(cell) = log Σ_t exp(cross(t) − norm + logShiftPrior(t)), t over neighbours[c] (−1: none).
 * The running state is that of `compare`, updated in the order of the list: lists in slice order, cut into blocks of slices
 * anyhow, give the same bytes. A cell with NaN gives NaN evidence and is never kept.
 */
export interface CompareCellsArgs extends ScanPixels, ScanState {
  /** f32 [sliceCount][2][pixelCount − firstPixel]: layout "planes" of `project`. */
  readonly slices: DeviceBuffer;
  readonly sliceCount: number;
  /** Index of the block's first slice in the whole set. */
  readonly firstSlice: number;
  /** f32 [shiftCount][2], px. */
  readonly shiftsPx: DeviceBuffer;
  readonly shiftCount: number;
  /** f32 [imageCount][shiftCount]. */
  readonly logShiftPrior: DeviceBuffer;
  /** i32 [shiftCount][neighbourCount]: the shifts looked at for a cell at each; −1: none. */
  readonly neighbours: DeviceBuffer;
  readonly neighbourCount: number;
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
  checkPixelRange("compareCells", args);
  expectCount("compareCells: sliceCount", args.sliceCount);
  expectCount("compareCells: firstSlice", args.firstSlice);
  expectCount("compareCells: shiftCount", args.shiftCount, 1);
  expectCount("compareCells: neighbourCount", args.neighbourCount, 1);
  expectCount("compareCells: cellCount", args.cellCount);
  const pixels = args.pixelCount - args.firstPixel;
  expectBuffer("compareCells: slices", args.slices, "f32", args.sliceCount * 2 * pixels);
  expectBuffer("compareCells: shiftsPx", args.shiftsPx, "f32", 2 * args.shiftCount);
  expectBuffer("compareCells: logShiftPrior", args.logShiftPrior, "f32", args.imageCount * args.shiftCount);
  expectBuffer("compareCells: neighbours", args.neighbours, "i32", args.shiftCount * args.neighbourCount);
  expectBuffer("compareCells: cellStart", args.cellStart, "i32", args.imageCount + 1);
  expectBuffer("compareCells: cellSlice", args.cellSlice, "i32", args.cellCount);
  expectBuffer("compareCells: cellShift", args.cellShift, "i32", args.cellCount);
  checkScanState("compareCells", args);
}

export function compareCellsReference(args: CompareCellsArgs): void {
  const start = hostI32(args.cellStart);
  const cellSlice = hostI32(args.cellSlice);
  const cellShift = hostI32(args.cellShift);
  const neighbours = hostI32(args.neighbours);
  for (let image = 0; image < args.imageCount; image++) {
    const logPrior = hostF32(args.logShiftPrior).subarray(image * args.shiftCount);
    const likelihood = cellLikelihood(args, image);
    for (let cell = start[image]!; cell < start[image + 1]!; cell++) {
      const slice = cellSlice[cell]!;
      const first = cellShift[cell]! * args.neighbourCount;
      const shifts = neighbours.subarray(first, first + args.neighbourCount).filter((t) => t >= 0);
      const values = Array.from(shifts, (t) => likelihood(slice, t) + logPrior[t]!);
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

/** cross(t) − norm of one image. */
function cellLikelihood(args: CompareCellsArgs, image: number): (slice: number, t: number) => number {
  const { firstPixel } = args;
  const pixels = args.pixelCount - firstPixel;
  const images = hostF32(args.images);
  const slices = hostF32(args.slices);
  const shiftsPx = hostF32(args.shiftsPx);
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const weight = pixelWeights(args, image);
  const plane = 2 * image * args.bandPixelCount + firstPixel;
  return (slice, t) => {
    let sum = 0;
    for (let p = 0; p < pixels; p++) {
      const [re, im] = [slices[2 * slice * pixels + p]!, slices[(2 * slice + 1) * pixels + p]!];
      const [x, y] = [images[plane + p]!, images[plane + args.bandPixelCount + p]!];
      const k = firstPixel + p;
      const phaseRad = (2 * Math.PI * (kx[k]! * shiftsPx[2 * t]! + ky[k]! * shiftsPx[2 * t + 1]!)) / args.boxPx;
      const turned = (x * re + y * im) * Math.cos(phaseRad) + (x * im - y * re) * Math.sin(phaseRad);
      sum += weight.signal[p]! * turned - 0.5 * weight.power[p]! * (re * re + im * im);
    }
    return sum;
  };
}
