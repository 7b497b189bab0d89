import { DataError } from "../../core/errors.ts";
import { boxRowsIndex } from "../../geometry/box-rows.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostF64, hostI32, hostI64 } from "../reference/host-buffer.ts";
import { mergedShifts } from "../reference/merge-shifts.ts";
import { rotationMatrixAt } from "../reference/trilinear.ts";
import { CONTRIBUTION_LIMIT, checkInsertion, type InsertArgs, pixelFilter, ROUNDER } from "./insert.ts";
import { expectRows, type RowsArgs } from "./shell-sums.ts";

/** Four 32-bit words: Re F, Im F, T in fixed-point units but not rounded, and kx | ky << 16. */
export const SLICE_PIXEL_WORDS = 4;

/**
 * The first half of `insert` for points that are in no cluster (op `weighTiles`), for an accumulator whose rows lie on several ranks: the slices of some points as pixels sorted by the
 * row y of their lower trilinear neighbour, y + R + 1 counting rows. Points of one rotation are merged first; a pixel with x < 0 is
 * conjugated and its frequency negated. A pixel stands for its eight voxels: 16 bytes instead of eight times a place and a value.
 */
export interface ExtractSlicesArgs extends Omit<InsertArgs, "accumulator"> {
  /** i32 [pointCount] indices into [activeCount][rotationsPerImage]; each must have a weight other than 0 */
  readonly points: DeviceBuffer;
  readonly pointCount: number;
  /** Room for one slice; pixelCount is enough. */
  readonly pixelCapacity: number;
  /** f32 (as bits) [pointCount][pixelCapacity][4], overwritten */
  readonly pixels: DeviceBuffer;
  /** i32 [pointCount][2R+4], overwritten: first pixel of each row, and the end */
  readonly rowStart: DeviceBuffer;
  /** f64 [pointCount][6], overwritten: padding · the first two columns of R, rows x, z, y */
  readonly matrices: DeviceBuffer;
}

/** The second half: pixels of slices onto the rows of an accumulator, rounded and added exactly as `insert` does. */
export interface AddSlicesArgs extends RowsArgs {
  readonly sliceCount: number;
  readonly pixelCount: number;
  /** f32 (as bits) [pixelCount + 3][4]: of all slices; the last three are padding */
  readonly pixels: DeviceBuffer;
  /** i32 [sliceCount][rowCount + 2]: first pixel, in `pixels`, of the rows firstRow − 1 … firstRow + rowCount − 1, and the end */
  readonly rowStart: DeviceBuffer;
  /** f64 [sliceCount][6] */
  readonly matrices: DeviceBuffer;
  /** i64 [rowCount][2R+3][R+2][3], added to */
  readonly accumulator: DeviceBuffer;
}

export function checkExtractSlices(args: ExtractSlicesArgs): void {
  checkInsertion("extractSlices", args);
  expectCount("extractSlices: pointCount", args.pointCount);
  expectCount("extractSlices: pixelCapacity", args.pixelCapacity, 1);
  expectBuffer("extractSlices: points", args.points, "i32", args.pointCount);
  const words = SLICE_PIXEL_WORDS * args.pointCount * args.pixelCapacity;
  expectBuffer("extractSlices: pixels", args.pixels, "f32", words);
  expectBuffer("extractSlices: rowStart", args.rowStart, "i32", args.pointCount * (2 * args.accumulatorRadiusPx + 4));
  expectBuffer("extractSlices: matrices", args.matrices, "f64", 6 * args.pointCount);
}

export function checkAddSlices(args: AddSlicesArgs): void {
  const box = expectRows("addSlices", args);
  expectCount("addSlices: rowCount", args.rowCount, 1);
  expectCount("addSlices: sliceCount", args.sliceCount);
  expectCount("addSlices: pixelCount", args.pixelCount);
  expectBuffer("addSlices: pixels", args.pixels, "f32", SLICE_PIXEL_WORDS * (args.pixelCount + 3));
  expectBuffer("addSlices: rowStart", args.rowStart, "i32", args.sliceCount * (args.rowCount + 2));
  expectBuffer("addSlices: matrices", args.matrices, "f64", 6 * args.sliceCount);
  expectBuffer("addSlices: accumulator", args.accumulator, "i64", 3 * args.rowCount * box.sizeZ * box.sizeX);
}

export function extractSlicesReference(args: ExtractSlicesArgs): void {
  const edge = args.accumulatorRadiusPx + 1;
  const rowCount = 2 * edge + 1;
  const points = hostI32(args.points);
  const rotations = hostF32(args.rotations);
  const pixels = hostF32(args.pixels);
  const words = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length);
  const rowStart = hostI32(args.rowStart);
  const matrices = hostF64(args.matrices);
  for (let slice = 0; slice < args.pointCount; slice++) {
    const point = points[slice]!;
    const m = rotationMatrixAt(rotations, point);
    const matrix = [0, 1, 6, 7, 3, 4].map((place) => args.paddingFactor * m[place]!);
    matrices.set(matrix, 6 * slice);
    const sorted = slicePixels(args, point, matrix).sort((a, b) => a.row - b.row);
    if (sorted.length > args.pixelCapacity)
      throw new DataError(`extractSlices: pixelCapacity: expected ${sorted.length}.`);
    let next = 0;
    for (let row = 0; row <= rowCount; row++) {
      while (next < sorted.length && sorted[next]!.row < row) next++;
      rowStart[slice * (rowCount + 1) + row] = next;
    }
    sorted.forEach(({ value, frequency }, i) => {
      const place = SLICE_PIXEL_WORDS * (slice * args.pixelCapacity + i);
      pixels.set(value, place);
      words[place + 3] = frequency;
    });
  }
}

/** Pixels of one point in raster order, which the sort by row keeps. */
function slicePixels(args: ExtractSlicesArgs, point: number, matrix: readonly number[]) {
  const bandKx = hostI32(args.bandKx);
  const bandKy = hostI32(args.bandKy);
  const bandShell = hostI32(args.bandShell);
  const image = hostI32(args.active)[Math.floor(point / args.rotationsPerImage)]!;
  const merged = mergedShifts(args, image, point, hostF32(args.weights), bandKx, bandKy);
  const filter = pixelFilter(args, image, hostF32(args.imageWeight)[image]!);
  const order = Array.from({ length: args.pixelCount }, (_, pixel) => pixel)
    .filter((pixel) => {
      const squared = bandKx[pixel]! ** 2 + bandKy[pixel]! ** 2;
      return bandShell[pixel]! < args.shellCount && args.paddingFactor ** 2 * squared <= args.accumulatorRadiusPx ** 2;
    })
    .sort((a, b) => bandKy[a]! - bandKy[b]! || bandKx[a]! - bandKx[b]!);
  return order.map((pixel) => {
    const [kx, ky] = [bandKx[pixel]!, bandKy[pixel]!];
    const isConjugate = matrix[0]! * kx + matrix[1]! * ky < 0;
    const sign = isConjugate ? -1 : 1;
    const [factor, power] = filter(pixel);
    const value = [
      merged.re[pixel]! * factor * args.forwardScale,
      sign * merged.im[pixel]! * factor * args.forwardScale,
      merged.weight * power * args.weightScale,
    ];
    if (!value.every((part) => Math.abs(part) < CONTRIBUTION_LIMIT)) {
      throw new DataError(`extractSlices: pixel (${kx}, ${ky}): expected finite values below 2^51 after scaling.`);
    }
    const y = sign * (matrix[4]! * kx + matrix[5]! * ky);
    return {
      value,
      frequency: ((sign * kx) & 0xffff) | ((sign * ky) << 16),
      row: Math.floor(y) + args.accumulatorRadiusPx + 1,
    };
  });
}

export function addSlicesReference(args: AddSlicesArgs): void {
  const rows = { ...args, box: fourierBoxOfRadius(args.accumulatorRadiusPx) };
  const edge = args.accumulatorRadiusPx + 1;
  const pixels = hostF32(args.pixels);
  const words = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length);
  const rowStart = hostI32(args.rowStart);
  const matrices = hostF64(args.matrices);
  const accumulator = hostI64(args.accumulator);
  for (let slice = 0; slice < args.sliceCount; slice++) {
    const m = matrices.subarray(6 * slice, 6 * slice + 6);
    const starts = rowStart.subarray(slice * (args.rowCount + 2), (slice + 1) * (args.rowCount + 2));
    for (let pixel = starts[0]!; pixel < starts[args.rowCount + 1]!; pixel++) {
      const frequency = words[SLICE_PIXEL_WORDS * pixel + 3]!;
      const [kx, ky] = [(frequency << 16) >> 16, frequency >> 16];
      const p = [m[0]! * kx + m[1]! * ky, m[4]! * kx + m[5]! * ky, m[2]! * kx + m[3]! * ky] as const;
      const lower = p.map(Math.floor) as [number, number, number];
      for (let corner = 0; corner < 8; corner++) {
        const upper = [corner & 1, (corner >> 1) & 1, corner >> 2] as const;
        const y = lower[1] + upper[1];
        if (y + edge < args.firstRow || y + edge >= args.firstRow + args.rowCount) continue;
        const weight = upper.reduce((product, isUpper, axis) => {
          const fraction = p[axis]! - lower[axis]!;
          return product * (isUpper ? fraction : 1 - fraction);
        }, 1);
        const voxel = 3 * boxRowsIndex(rows, lower[0] + upper[0], y, lower[2] + upper[2]);
        for (let part = 0; part < 3; part++) {
          const value = pixels[SLICE_PIXEL_WORDS * pixel + part]! * weight;
          accumulator[voxel + part]! += BigInt(value + ROUNDER - ROUNDER);
        }
      }
    }
  }
}
