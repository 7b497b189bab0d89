import { expectPositive } from "../../core/checks.ts";
import { DataError } from "../../core/errors.ts";
import type { BandPart } from "../../geometry/band-tiles.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkImageSet, checkPointSet } from "../check-image-set.ts";
import { hostF32, hostI32, hostI64 } from "../reference/host-buffer.ts";
import { mergedShifts } from "../reference/merge-shifts.ts";
import { rotationMatrixAt, trilinearFoot } from "../reference/trilinear.ts";
import type { ImageSetArgs, PointSetArgs } from "./image-set.ts";

/**
 * Adds weighted images into a Fourier accumulator: the adjoint of `project`.
 *
 *   F(p) += u·Σ_t w_t · scale·C·X·e^{+2πi k·t/N}/σ²,  T(p) += u·(Σ_t w_t)·(scale·C)²/σ²,  p = padding·R (kx, ky, 0)ᵀ
 * spread on 8 neighbours with trilinear weights; p with x < 0 goes to −p, conjugated. u = imageWeight. Points of one rotation are
 * merged in 2D before the one 3D insertion; weights of exactly 0 are skipped. Pixels [0, pixelCount), |k| ≤ N/2, with
 * padding·|k| ≤ R and a shell that the table of σ² has.
 * Accumulator: i64 [sizeZ][sizeY][sizeX][3] (Re F, Im F, T) of the FourierBox of radius accumulatorRadiusPx, fixed point, after
 * multiplication by forwardScale (F) or weightScale (T): integer addition is associative, so the bytes do not depend on
 * threads, batches, ranks or order.
 * A contribution is rounded to nearest by itself; or a device sums what a cluster of near rotations of one row of `active` adds to a voxel, in
 * floating point and an order that depends on that row alone, and rounds the sum. Of the plane x = 0, only the sum of a voxel and its
 * conjugated mate has a meaning: `finishSlab` makes it.
 * A value or sum that is not finite or is 2⁵¹ or more never enters: the op fails, and the accumulator, which may
 * hold part of the batch, must be discarded. That all sums stay below 2⁶³ is the caller's choice of scales.
 */
export interface InsertArgs extends ImageSetArgs, PointSetArgs {
  /** f32 [activeCount][M][T], 0 or more */
  readonly weights: DeviceBuffer;
  /** f32 [imageCount]: p(good), 0 … 1. */
  readonly imageWeight: DeviceBuffer;
  readonly pixelCount: number;
  readonly paddingFactor: number;
  readonly accumulatorRadiusPx: number;
  readonly forwardScale: number;
  readonly weightScale: number;
  readonly accumulator: DeviceBuffer;
}

/** Images with fewer rotations have no clusters. */
export const LEAST_CLUSTER = 6;

/** Values of this size or more cannot be rounded by adding ROUNDER. */
export const CONTRIBUTION_LIMIT = 2 ** 51;
/** Added and taken away, rounds a double below 2⁵¹ to the nearest integer, ties to even. */
export const ROUNDER = 2 ** 52 + 2 ** 51;

/** What `insert` and `weighTiles` ask of their arguments alike. */
export function checkInsertion(op: string, args: Omit<InsertArgs, "accumulator">): void {
  checkImageSet(op, args);
  checkPointSet(op, args);
  const pointCount = args.activeCount * args.rotationsPerImage * args.shiftsPerRotation;
  expectBuffer(`${op}: weights`, args.weights, "f32", pointCount);
  expectBuffer(`${op}: imageWeight`, args.imageWeight, "f32", args.imageCount);
  expectCount(`${op}: pixelCount`, args.pixelCount);
  expectCount(`${op}: bandPixelCount`, args.bandPixelCount, args.pixelCount);
  expectPositive(`${op}: paddingFactor`, args.paddingFactor);
  expectPositive(`${op}: forwardScale`, args.forwardScale);
  expectPositive(`${op}: weightScale`, args.weightScale);
  expectCount(`${op}: accumulatorRadiusPx`, args.accumulatorRadiusPx, 1);
}

export function checkInsert(args: InsertArgs): void {
  checkInsertion("insert", args);
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("insert: accumulator", args.accumulator, "i64", 3 * box.voxelCount);
}

export function insertReference(args: InsertArgs): void {
  const active = hostI32(args.active);
  const weights = hostF32(args.weights);
  const imageWeight = hostF32(args.imageWeight);
  const rotations = hostF32(args.rotations);
  const bandKx = hostI32(args.bandKx);
  const bandKy = hostI32(args.bandKy);
  const bandShell = hostI32(args.bandShell);
  for (let row = 0; row < args.activeCount; row++) {
    const image = active[row]!;
    const filter = pixelFilter(args, image, imageWeight[image]!);
    for (let m = 0; m < args.rotationsPerImage; m++) {
      const point = row * args.rotationsPerImage + m;
      const merged = mergedShifts(args, image, point, weights, bandKx, bandKy);
      if (merged.weight === 0 || imageWeight[image] === 0) continue;
      const matrix = rotationMatrixAt(rotations, point);
      for (let pixel = 0; pixel < args.pixelCount; pixel++) {
        if (bandShell[pixel]! >= args.shellCount) continue;
        const [factor, power] = filter(pixel);
        const value = [merged.re[pixel]! * factor, merged.im[pixel]! * factor, merged.weight * power] as const;
        insertPixel(args, matrix, bandKx[pixel]!, bandKy[pixel]!, value);
      }
    }
  }
}

/** The pixels of the band that are inserted. */
export function insertedPart(
  args: Pick<
    InsertArgs,
    "bandKx" | "bandKy" | "bandShell" | "pixelCount" | "shellCount" | "paddingFactor" | "accumulatorRadiusPx"
  >,
): BandPart {
  return {
    kx: hostI32(args.bandKx),
    ky: hostI32(args.bandKy),
    shell: hostI32(args.bandShell),
    pixelCount: args.pixelCount,
    shellCount: args.shellCount,
    paddingFactor: args.paddingFactor,
    radiusPx: args.accumulatorRadiusPx,
  };
}

/** padding·R (kx, ky, 0)ᵀ */
export function slicePoint(padding: number, matrix: Float64Array, kx: number, ky: number): [number, number, number] {
  const at = (axis: number) => padding * (matrix[3 * axis]! * kx + matrix[3 * axis + 1]! * ky);
  return [at(0), at(1), at(2)];
}

/** u·scale·C/σ² and u·(scale·C)²/σ² of a pixel. */
export function pixelFilter(
  args: Omit<InsertArgs, "accumulator">,
  image: number,
  u: number,
): (pixel: number) => readonly [number, number] {
  const bandShell = hostI32(args.bandShell);
  const inverseSigma2 = hostF32(args.inverseSigma2);
  const scale = hostF32(args.scale)[image]!;
  const ctf = args.ctf === null ? null : hostF32(args.ctf);
  const groupRow = hostI32(args.group)[image]! * args.shellCount;
  return (pixel) => {
    const shell = bandShell[pixel]!;
    const scaledCtf = scale * (ctf === null ? 1 : ctf[image * args.bandPixelCount + pixel]!);
    const factor = u * scaledCtf * inverseSigma2[groupRow + shell]!;
    return [factor, factor * scaledCtf];
  };
}

/** Spreads (Re F, Im F, T) of one pixel on the eight voxels around padding·R (kx, ky, 0)ᵀ. */
function insertPixel(
  args: InsertArgs,
  matrix: Float64Array,
  kx: number,
  ky: number,
  value: readonly [number, number, number],
): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  if (args.paddingFactor ** 2 * (kx * kx + ky * ky) > box.radiusPx ** 2) return;
  const at = (axis: number) => args.paddingFactor * (matrix[3 * axis]! * kx + matrix[3 * axis + 1]! * ky);
  const foot = trilinearFoot(box, at(0), at(1), at(2));
  const scaled = [
    value[0] * args.forwardScale,
    (foot.isConjugate ? -value[1] : value[1]) * args.forwardScale,
    value[2] * args.weightScale,
  ];
  if (!scaled.every((part) => Math.abs(part) < CONTRIBUTION_LIMIT)) {
    throw new DataError(
      `insert: pixel (${kx}, ${ky}) has the value ${value.join(", ")}: expected finite numbers below 2^51 after scaling by ` +
        `${args.forwardScale} (F) and ${args.weightScale} (T). Reject the image, or choose smaller scales.`,
      { kx, ky, value },
    );
  }
  const accumulator = hostI64(args.accumulator);
  for (let corner = 0; corner < 8; corner++) {
    const voxel = 3 * foot.voxels[corner]!;
    for (let part = 0; part < 3; part++) {
      accumulator[voxel + part]! += BigInt(scaled[part]! * foot.weights[corner]! + ROUNDER - ROUNDER);
    }
  }
}
