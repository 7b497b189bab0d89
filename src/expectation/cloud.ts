import { KERNEL_FIELDS } from "../device/ops/cloud/kernel.ts";
import type { DeviceImageSet } from "../particles/image-set.ts";
import type { ScanGrid, ScanResult } from "./scan.ts";

/** Weighted parents that the first phase of the particle filter perturbs, and the kernel it does so with. Shifts relative to the (recentred) images. */
export interface Cloud {
  readonly parentCount: number;
  /** [images][parentCount][4] */
  readonly rotations: Float32Array;
  /** [images][parentCount][2] */
  readonly shiftsPx: Float32Array;
  /** [images][parentCount], rows sum to 1 */
  readonly weights: Float32Array;
  /** [images][15] */
  readonly kernel: Float32Array;
}

/** Kernel whose rotation and shift covariances are isotropic, as Cholesky factors. */
export function isotropicKernel(rotationSdRad: number, shiftSdPx: number): Float32Array {
  const r = rotationSdRad;
  const s = shiftSdPx;
  return Float32Array.of(r, 0, r, 0, 0, r, 0, 0, 0, s, 0, 0, 0, 0, s);
}

/**
 * The best cells of a scan as parents. Weights are tempered: they only say where to look, the filter weighs what it
 * finds by its true proposal density.
 *
 * @param temper  exponent of the coarse scores, 0 … 1: the score at a cell's centre is not that of the best pose within it
 */
export function cloudFromScan(
  set: DeviceImageSet,
  grid: ScanGrid,
  scan: ScanResult,
  keepCount: number,
  temper: number,
): Cloud {
  const images = set.args.imageCount;
  const rotations = new Float32Array(images * keepCount * 4);
  const shiftsPx = new Float32Array(images * keepCount * 2);
  const weights = new Float32Array(images * keepCount);
  for (let i = 0; i < images; i++) {
    const row = scan.topScore.subarray(i * keepCount, (i + 1) * keepCount);
    const best = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let total = 0;
    for (let k = 0; k < keepCount; k++) {
      const at = i * keepCount + k;
      const slice = scan.topSlice[at]!;
      const w = slice >= 0 && Number.isFinite(best) ? Math.exp(temper * (row[k]! - best)) : 0;
      weights[at] = w;
      total += w;
      const from = 4 * Math.max(slice, 0);
      for (let c = 0; c < 4; c++) rotations[4 * at + c] = grid.quaternions[from + c]!;
      const shift = Math.max(scan.topShift[at]!, 0);
      for (let c = 0; c < 2; c++)
        shiftsPx[2 * at + c] = grid.shifts.shiftsPx[2 * shift + c]! - set.recentrePx[2 * i + c]!;
    }
    if (total > 0) for (let k = 0; k < keepCount; k++) weights[i * keepCount + k]! /= total;
    else weights[i * keepCount] = 1;
  }
  const kernel = new Float32Array(images * KERNEL_FIELDS);
  const row = isotropicKernel(0.4 * grid.rotationStepRad, 0.4 * grid.shifts.stepPx);
  for (let i = 0; i < images; i++) kernel.set(row, KERNEL_FIELDS * i);
  return { parentCount: keepCount, rotations, shiftsPx, weights, kernel };
}
