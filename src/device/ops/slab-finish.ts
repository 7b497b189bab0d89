import { expectPositive } from "../../core/checks.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostBytes, hostF32, hostI64 } from "../reference/host-buffer.ts";
import { expectRows, type RowsArgs } from "./shell-sums.ts";

/** target[targetOffset + i] += source[i]: fixed-point sums that came from another rank. */
export interface AddFixedArgs {
  /** i64 [count] */
  readonly source: DeviceBuffer;
  /** i64 */
  readonly target: DeviceBuffer;
  readonly targetOffset: number;
  readonly count: number;
}

/** target[i] += source[i]: F or T of one half-set and the other. */
export interface AddSumsArgs {
  /** f32 [count] */
  readonly source: DeviceBuffer;
  /** f32 [count] */
  readonly target: DeviceBuffer;
  readonly count: number;
}

/**
 * Has the system give the memory of an accumulator's rows that insertion will write, at once instead of page by page. Changes no value; a
 * device may do nothing.
 */
export interface ClaimSlabArgs extends RowsArgs {
  /** i64 [rowCount][2R+3][R+2][3] */
  readonly accumulator: DeviceBuffer;
}

/** The plane x = 0 of some rows of an accumulator, whose Hermitian mates may be on another rank. */
export interface HermitianColumnArgs extends Omit<RowsArgs, "firstRow"> {
  /** i64 [rowCount][2R+3][R+2][3] */
  readonly accumulator: DeviceBuffer;
  /** i64 [rowCount][2R+3][3], overwritten */
  readonly out: DeviceBuffer;
}

/**
 * Some rows of a fixed-point accumulator → float T, and F in the front of the accumulator's own memory: no moment holds both the
 * integers and the floats. The plane x = 0 is completed: F(0,y,z) += conj F(0,−y,−z), T(0,y,z) += T(0,−y,−z), summed as integers.
 */
export interface FinishSlabArgs extends RowsArgs {
  /** i64 [rowCount][2R+3][R+2][3]; afterwards its first 2·rowCount·(2R+3)·(R+2) floats are F (`Device.shrink` makes them a buffer) */
  readonly accumulator: DeviceBuffer;
  /** i64 [2R+3][2R+3][3]: the plane x = 0 of all rows */
  readonly column: DeviceBuffer;
  readonly forwardScale: number;
  readonly weightScale: number;
  /** f32 [rowCount][2R+3][R+2], overwritten */
  readonly weight: DeviceBuffer;
}

export function checkAddFixed(args: AddFixedArgs): void {
  expectCount("addFixed: count", args.count);
  expectCount("addFixed: targetOffset", args.targetOffset);
  expectBuffer("addFixed: source", args.source, "i64", args.count);
  expectBuffer("addFixed: target", args.target, "i64", args.targetOffset + args.count);
}

export function checkAddSums(args: AddSumsArgs): void {
  expectCount("addSums: count", args.count);
  expectBuffer("addSums: source", args.source, "f32", args.count);
  expectBuffer("addSums: target", args.target, "f32", args.count);
}

export function checkClaimSlab(args: ClaimSlabArgs): void {
  const box = expectRows("claimSlab", args);
  expectBuffer("claimSlab: accumulator", args.accumulator, "i64", 3 * args.rowCount * box.sizeZ * box.sizeX);
}

export function checkHermitianColumn(args: HermitianColumnArgs): void {
  const box = expectRows("hermitianColumn", { ...args, firstRow: 0 });
  expectBuffer("hermitianColumn: accumulator", args.accumulator, "i64", 3 * args.rowCount * box.sizeZ * box.sizeX);
  expectBuffer("hermitianColumn: out", args.out, "i64", 3 * args.rowCount * box.sizeZ);
}

export function checkFinishSlab(args: FinishSlabArgs): void {
  const box = expectRows("finishSlab", args);
  const voxelCount = args.rowCount * box.sizeZ * box.sizeX;
  expectPositive("finishSlab: forwardScale", args.forwardScale);
  expectPositive("finishSlab: weightScale", args.weightScale);
  expectBuffer("finishSlab: accumulator", args.accumulator, "i64", 3 * voxelCount);
  expectBuffer("finishSlab: column", args.column, "i64", 3 * box.sizeY * box.sizeZ);
  expectBuffer("finishSlab: weight", args.weight, "f32", voxelCount);
}

export function addFixedReference(args: AddFixedArgs): void {
  const source = hostI64(args.source);
  const target = hostI64(args.target);
  for (let i = 0; i < args.count; i++) target[args.targetOffset + i]! += source[i]!;
}

export function addSumsReference(args: AddSumsArgs): void {
  const source = hostF32(args.source);
  const target = hostF32(args.target);
  for (let i = 0; i < args.count; i++) target[i]! += source[i]!;
}

export function claimSlabReference(args: ClaimSlabArgs): void {
  hostI64(args.accumulator);
}

export function hermitianColumnReference(args: HermitianColumnArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const accumulator = hostI64(args.accumulator);
  const out = hostI64(args.out);
  for (let line = 0; line < args.rowCount * box.sizeZ; line++) {
    out.set(accumulator.subarray(3 * line * box.sizeX, 3 * (line * box.sizeX + 1)), 3 * line);
  }
}

export function finishSlabReference(args: FinishSlabArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const accumulator = hostI64(args.accumulator);
  const column = hostI64(args.column);
  const weight = hostF32(args.weight);
  const voxelCount = args.rowCount * box.sizeZ * box.sizeX;
  const forward = new Float32Array(2 * voxelCount);
  for (let voxel = 0; voxel < voxelCount; voxel++) {
    let [re, im, t] = accumulator.subarray(3 * voxel, 3 * voxel + 3) as unknown as [bigint, bigint, bigint];
    if (voxel % box.sizeX === 0) {
      const line = voxel / box.sizeX + args.firstRow * box.sizeZ;
      // Rows and columns are symmetric about the one of y = z = 0.
      const mate = 3 * (box.sizeY * box.sizeZ - 1 - line);
      re += column[mate]!;
      im -= column[mate + 1]!;
      t += column[mate + 2]!;
    }
    forward[2 * voxel] = Number(re) / args.forwardScale;
    forward[2 * voxel + 1] = Number(im) / args.forwardScale;
    weight[voxel] = Number(t) / args.weightScale;
  }
  hostBytes(accumulator).set(hostBytes(forward));
}
