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
  const lineX = makeLines(blobs.xA, blobs, boxPx, pixelSizeA);
  const lineY = makeLines(blobs.yA, blobs, boxPx, pixelSizeA);
  const lineZ = makeLines(blobs.zA, blobs, boxPx, pixelSizeA);
  // Row by row, so that the sum stays in the nearest cache; in double precision, because thousands of blobs overlap.
  const sum = new Float64Array(boxPx);
  for (let z = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      sum.fill(0);
      for (let i = 0; i < blobs.count; i++) {
        const factor = lineZ.values[i * boxPx + z]! * lineY.values[i * boxPx + y]!;
        if (Math.abs(factor) < NEGLIGIBLE * lineZ.peak[i]! * lineY.peak[i]!) continue;
        const scaled = blobs.weight[i]! * factor;
        const line = i * boxPx;
        for (let x = 0; x < boxPx; x++) sum[x]! += scaled * lineX.values[line + x]!;
      }
      out.set(sum, (z * boxPx + y) * boxPx);
    }
  }
  return out;
}

/** One axis of every blob: [count × boxPx] samples, and [count] the largest of each. */
function makeLines(placeA: Float64Array, blobs: Blobs, boxPx: number, pixelSizeA: number) {
  const table = makeTurnTable(boxPx);
  const values = new Float64Array(blobs.count * boxPx);
  const peak = new Float64Array(blobs.count);
  for (let i = 0; i < blobs.count; i++) {
    const line = values.subarray(i * boxPx, (i + 1) * boxPx);
    const positionPx = placeA[i]! / pixelSizeA + Math.floor(boxPx / 2);
    bandLimitedGaussianInto(line, positionPx, blobs.sigmaA[i]! / pixelSizeA, table);
    for (const sample of line) peak[i] = Math.max(peak[i]!, Math.abs(sample));
  }
  return { values, peak };
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
