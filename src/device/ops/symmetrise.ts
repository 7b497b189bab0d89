import { ShapeError } from "../../core/errors.ts";
import { boxRowsIndex } from "../../geometry/box-rows.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostF64 } from "../reference/host-buffer.ts";
import { trilinearFoot } from "../reference/trilinear.ts";
import { expectRows, type RowsArgs } from "./shell-sums.ts";

/**
 * Sum over a point group: out(p) = Σ_g A(G_g p), trilinear (exact at operators that map voxels onto voxels), within
 * |p| ≤ accumulatorRadiusPx; 0 beyond. A is read at q = G_g p, or as conj A(−q) where q has x < 0, so the plane x = 0 must
 * be complete (`finishSlab`). Each sample is a sum of its own, and samples are added in the order of their lower row
 * y: the order in which rows come by in `symmetriseRows`.
 */
export interface SymmetriseArgs {
  readonly accumulatorRadiusPx: number;
  /** f32 [operatorCount][9] row-major, identity included. */
  readonly operators: DeviceBuffer;
  readonly operatorCount: number;
  /** f32 FourierBox complex */
  readonly forward: DeviceBuffer;
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outForward: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outWeight: DeviceBuffer;
}

export function checkSymmetrise(args: SymmetriseArgs): void {
  expectCount("symmetrise: accumulatorRadiusPx", args.accumulatorRadiusPx, 1);
  expectCount("symmetrise: operatorCount", args.operatorCount, 1);
  expectBuffer("symmetrise: operators", args.operators, "f32", 9 * args.operatorCount);
  const { voxelCount } = fourierBoxOfRadius(args.accumulatorRadiusPx);
  expectBuffer("symmetrise: forward", args.forward, "f32", 2 * voxelCount);
  expectBuffer("symmetrise: weight", args.weight, "f32", voxelCount);
  expectBuffer("symmetrise: outForward", args.outForward, "f32", 2 * voxelCount);
  expectBuffer("symmetrise: outWeight", args.outWeight, "f32", voxelCount);
  if (args.outForward === args.forward || args.outWeight === args.weight) {
    throw new ShapeError("symmetrise: outForward and outWeight", {
      expected: "buffers other than the inputs",
      actual: "an input",
    });
  }
}

export function symmetriseReference(args: SymmetriseArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const operators = Float64Array.from(hostF32(args.operators));
  const forward = hostF32(args.forward);
  const weight = hostF32(args.weight);
  const outForward = hostF32(args.outForward).fill(0, 0, 2 * box.voxelCount);
  const outWeight = hostF32(args.outWeight).fill(0, 0, box.voxelCount);
  const radius = box.radiusPx;
  for (let z = -radius; z <= radius; z++) {
    for (let y = -radius; y <= radius; y++) {
      for (let x = 0; x <= radius; x++) {
        if (x * x + y * y + z * z > radius * radius) continue;
        let re = 0;
        let im = 0;
        let t = 0;
        for (let g = 0; g < 9 * args.operatorCount; g += 9) {
          const at = (row: number) =>
            operators[g + row]! * x + operators[g + row + 1]! * y + operators[g + row + 2]! * z;
          const foot = trilinearFoot(box, at(0), at(3), at(6));
          const sign = foot.isConjugate ? -1 : 1;
          for (let corner = 0; corner < 8; corner++) {
            const source = foot.voxels[corner]!;
            re += foot.weights[corner]! * forward[2 * source]!;
            im += foot.weights[corner]! * sign * forward[2 * source + 1]!;
            t += foot.weights[corner]! * weight[source]!;
          }
        }
        const voxel = fourierBoxIndex(box, x, y, z);
        outForward[2 * voxel] = re;
        outForward[2 * voxel + 1] = im;
        outWeight[voxel] = t;
      }
    }
  }
}

/**
 * The same sum where the rows y of the volume are spread over ranks: adds to the rows held here what a window of rows, handed round,
 * gives. Windows come in ascending order, each beginning with the last row of the one before; a sample belongs to the window that has
 * its lower and its upper row.
 */
export interface SymmetriseRowsArgs extends RowsArgs {
  readonly operators: DeviceBuffer;
  readonly operatorCount: number;
  readonly windowFirstRow: number;
  readonly windowRowCount: number;
  /** f32 [windowRowCount][2R+3][R+2][2] */
  readonly forward: DeviceBuffer;
  /** f32 [windowRowCount][2R+3][R+2] */
  readonly weight: DeviceBuffer;
  /** f64 [rowCount][2R+3][R+2][3], added to: Re F, Im F, T */
  readonly sums: DeviceBuffer;
}

/** Double-precision sums → F and T of the voxels from `offset` on. */
export interface NarrowSumsArgs {
  /** f64 [count][3] */
  readonly sums: DeviceBuffer;
  readonly count: number;
  readonly offset: number;
  /** f32 [offset + count][2] */
  readonly forward: DeviceBuffer;
  /** f32 [offset + count] */
  readonly weight: DeviceBuffer;
}

export function checkSymmetriseRows(args: SymmetriseRowsArgs): void {
  const box = expectRows("symmetriseRows", args);
  const window = { ...args, firstRow: args.windowFirstRow, rowCount: args.windowRowCount };
  expectRows("symmetriseRows: window", window);
  expectCount("symmetriseRows: windowRowCount", args.windowRowCount, 2);
  expectCount("symmetriseRows: operatorCount", args.operatorCount, 1);
  const length = box.sizeZ * box.sizeX;
  expectBuffer("symmetriseRows: operators", args.operators, "f32", 9 * args.operatorCount);
  expectBuffer("symmetriseRows: forward", args.forward, "f32", 2 * args.windowRowCount * length);
  expectBuffer("symmetriseRows: weight", args.weight, "f32", args.windowRowCount * length);
  expectBuffer("symmetriseRows: sums", args.sums, "f64", 3 * args.rowCount * length);
}

export function checkNarrowSums(args: NarrowSumsArgs): void {
  expectCount("narrowSums: count", args.count);
  expectCount("narrowSums: offset", args.offset);
  expectBuffer("narrowSums: sums", args.sums, "f64", 3 * args.count);
  expectBuffer("narrowSums: forward", args.forward, "f32", 2 * (args.offset + args.count));
  expectBuffer("narrowSums: weight", args.weight, "f32", args.offset + args.count);
}

export function symmetriseRowsReference(args: SymmetriseRowsArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const rows = { ...args, box };
  const window = { box, firstRow: args.windowFirstRow, rowCount: args.windowRowCount };
  const operators = Float64Array.from(hostF32(args.operators));
  const forward = hostF32(args.forward);
  const weight = hostF32(args.weight);
  const sums = hostF64(args.sums);
  const radius = box.radiusPx;
  for (let row = args.firstRow; row < args.firstRow + args.rowCount; row++) {
    const y = row - radius - 1;
    for (let z = -radius; z <= radius; z++) {
      for (let x = 0; x <= radius; x++) {
        if (x * x + y * y + z * z > radius * radius) continue;
        const voxel = 3 * boxRowsIndex(rows, x, y, z);
        for (let g = 0; g < 9 * args.operatorCount; g += 9) {
          const at = (line: number) =>
            operators[g + line]! * x + operators[g + line + 1]! * y + operators[g + line + 2]! * z;
          const sign = at(0) < 0 ? -1 : 1;
          const lowerRow = Math.floor(sign * at(3)) + radius + 1;
          if (lowerRow < window.firstRow || lowerRow + 1 >= window.firstRow + window.rowCount) continue;
          const foot = trilinearFoot(box, at(0), at(3), at(6));
          for (let corner = 0; corner < 8; corner++) {
            const place = placeOf(box, foot.voxels[corner]!);
            const source = boxRowsIndex(window, place.x, place.y, place.z);
            sums[voxel]! += foot.weights[corner]! * forward[2 * source]!;
            sums[voxel + 1]! += foot.weights[corner]! * sign * forward[2 * source + 1]!;
            sums[voxel + 2]! += foot.weights[corner]! * weight[source]!;
          }
        }
      }
    }
  }
}

/** The coordinates of a voxel of a whole box. */
function placeOf({ radiusPx, sizeX, sizeY }: ReturnType<typeof fourierBoxOfRadius>, voxel: number) {
  const edge = radiusPx + 1;
  return {
    x: voxel % sizeX,
    y: (Math.floor(voxel / sizeX) % sizeY) - edge,
    z: Math.floor(voxel / (sizeX * sizeY)) - edge,
  };
}

export function narrowSumsReference(args: NarrowSumsArgs): void {
  const sums = hostF64(args.sums);
  const forward = hostF32(args.forward);
  const weight = hostF32(args.weight);
  for (let i = 0; i < args.count; i++) {
    forward[2 * (args.offset + i)] = sums[3 * i]!;
    forward[2 * (args.offset + i) + 1] = sums[3 * i + 1]!;
    weight[args.offset + i] = sums[3 * i + 2]!;
  }
}
