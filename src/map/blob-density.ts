/** Blobs on a grid: the density of a molecule and its projections, both free of aliasing. */

import { expectLength, expectPositive } from "../core/checks.ts";
import { bandLimitedGaussianInto, makeTurnTable } from "./band-limited-gaussian.ts";
import type { Blobs } from "./blobs.ts";

/** Rows whose largest contribution is below this share of the blob's own peak are left out. */
const NEGLIGIBLE = 1e-7;

/**
 * Contents of every voxel (density × voxel volume, so that the map sums to the blobs' weights at any pixel size), box
 * centre on voxel floor(boxPx/2), every frequency component below Nyquist and nothing else.
 *
 * @param out  [boxPx³], overwritten
 */
export function blobDensityInto(out: Float32Array, boxPx: number, pixelSizeA: number, blobs: Blobs): Float32Array {
  expectLength("blob density", out, boxPx ** 3);
  expectPositive("blob density: pixelSizeA", pixelSizeA);
  const table = makeTurnTable(boxPx);
  const centre = Math.floor(boxPx / 2);
  const [lineX, lineY, lineZ] = [new Float64Array(boxPx), new Float64Array(boxPx), new Float64Array(boxPx)];
  // Double precision while summing: thousands of blobs overlap.
  const sum = new Float64Array(boxPx ** 3);
  for (let i = 0; i < blobs.count; i++) {
    const sigmaPx = blobs.sigmaA[i]! / pixelSizeA;
    bandLimitedGaussianInto(lineX, blobs.xA[i]! / pixelSizeA + centre, sigmaPx, table);
    bandLimitedGaussianInto(lineY, blobs.yA[i]! / pixelSizeA + centre, sigmaPx, table);
    bandLimitedGaussianInto(lineZ, blobs.zA[i]! / pixelSizeA + centre, sigmaPx, table);
    const limit = NEGLIGIBLE * largest(lineY) * largest(lineZ);
    for (let z = 0; z < boxPx; z++) {
      for (let y = 0; y < boxPx; y++) {
        const factor = lineZ[z]! * lineY[y]!;
        if (Math.abs(factor) < limit) continue;
        const scaled = blobs.weight[i]! * factor;
        const row = (z * boxPx + y) * boxPx;
        for (let x = 0; x < boxPx; x++) sum[row + x]! += scaled * lineX[x]!;
      }
    }
  }
  out.set(sum);
  return out;
}

/**
 * The projection of `blobDensityInto`'s molecule along z after turning it: the closed-form answer to a central slice.
 *
 * @param out  [boxPx²], overwritten
 * @param rotation  3x3 row-major, image axes -> volume axes
 * @param shiftXPx,shiftYPx  displacement of the particle away from the centre
 */
export function blobProjectionInto(
  out: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  blobs: Blobs,
  rotation: ArrayLike<number>,
  shiftXPx = 0,
  shiftYPx = 0,
): Float32Array {
  expectLength("blob projection", out, boxPx ** 2);
  expectLength("blob projection: rotation", rotation, 9);
  expectPositive("blob projection: pixelSizeA", pixelSizeA);
  const table = makeTurnTable(boxPx);
  const centre = Math.floor(boxPx / 2);
  const [lineX, lineY] = [new Float64Array(boxPx), new Float64Array(boxPx)];
  const sum = new Float64Array(boxPx ** 2);
  const r = rotation;
  for (let i = 0; i < blobs.count; i++) {
    const [x, y, z] = [blobs.xA[i]!, blobs.yA[i]!, blobs.zA[i]!];
    // Volume -> image axes is the transpose.
    const imageX = r[0]! * x + r[3]! * y + r[6]! * z;
    const imageY = r[1]! * x + r[4]! * y + r[7]! * z;
    const sigmaPx = blobs.sigmaA[i]! / pixelSizeA;
    bandLimitedGaussianInto(lineX, imageX / pixelSizeA + centre + shiftXPx, sigmaPx, table);
    bandLimitedGaussianInto(lineY, imageY / pixelSizeA + centre + shiftYPx, sigmaPx, table);
    for (let row = 0; row < boxPx; row++) {
      const scaled = blobs.weight[i]! * lineY[row]!;
      for (let column = 0; column < boxPx; column++) sum[row * boxPx + column]! += scaled * lineX[column]!;
    }
  }
  out.set(sum);
  return out;
}

function largest(line: Float64Array): number {
  let value = 0;
  for (const sample of line) if (Math.abs(sample) > value) value = Math.abs(sample);
  return value;
}
