import { DataError } from "../core/errors.ts";
import { type CubicMap, readCubicMap } from "../io/node/cubic-map.ts";
import type { SubtractOptions } from "../options/subtract-options.ts";

/** The map of each half-set (twice the same where one is given) and the mask of what stays, all on one grid. */
export interface SubtractionMaps {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [half][N³] */
  readonly maps: readonly [Float32Array, Float32Array];
  /** [N³] 0 … 1 */
  readonly mask: Float32Array;
}

const SAME_PIXEL = 1e-3;
/** Masks come out of filters: a little beyond 0 … 1 is rounding. */
const MASK_SLACK = 1e-3;

export function readSubtractionMaps(options: SubtractOptions): SubtractionMaps {
  const map = readCubicMap(options.reference, 0);
  if (map.boxPx % 2 !== 0) {
    throw new DataError(
      `${options.reference}: expected a box of an even number of voxels, got ${map.boxPx}. Crop or pad it.`,
    );
  }
  const second = options.reference2 === null ? map : readCubicMap(options.reference2, 0);
  if (options.reference2 !== null) expectSameGrid(options.reference2, second, options.reference, map);
  const mask = readCubicMap(options.mask, 0);
  expectSameGrid(options.mask, mask, options.reference, map);
  expectMask(options.mask, mask.data);
  return { boxPx: map.boxPx, pixelSizeA: map.pixelSizeA, maps: [map.data, second.data], mask: mask.data };
}

function expectSameGrid(path: string, got: CubicMap, mapPath: string, map: CubicMap): void {
  const isSame = got.boxPx === map.boxPx && Math.abs(got.pixelSizeA / map.pixelSizeA - 1) < SAME_PIXEL;
  if (isSame) return;
  const grid = ({ boxPx, pixelSizeA }: CubicMap) => `${boxPx} px of ${pixelSizeA.toFixed(3)} Å`;
  throw new DataError(
    `${path}: expected the grid of ${mapPath}, ${grid(map)}, got ${grid(got)}. Make it from that map (vitreous mask).`,
    { path },
  );
}

function expectMask(path: string, mask: Float32Array): void {
  const bad = mask.findIndex((value) => value < -MASK_SLACK || value > 1 + MASK_SLACK);
  if (bad >= 0) {
    throw new DataError(
      `${path}: expected a mask with values from 0 to 1, got ${mask[bad]!.toPrecision(4)} at voxel ${bad}. Give a mask, not a map.`,
      { path, voxel: bad },
    );
  }
  if (mask.every((value) => value <= MASK_SLACK)) {
    throw new DataError(`${path}: expected a mask of what stays in the images, got 0 everywhere.`, { path });
  }
  if (mask.every((value) => value >= 1 - MASK_SLACK)) {
    throw new DataError(
      `${path}: expected a mask of what stays in the images, got 1 everywhere: nothing to subtract.`,
      {
        path,
      },
    );
  }
}

/** Centre of mass of a mask, px from the box's centre floor(N/2). */
export function centreOfMask(mask: Float32Array, boxPx: number): [x: number, y: number, z: number] {
  const sum = [0, 0, 0];
  let total = 0;
  for (let z = 0, i = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      for (let x = 0; x < boxPx; x++, i++) {
        const m = mask[i]!;
        total += m;
        sum[0]! += m * x;
        sum[1]! += m * y;
        sum[2]! += m * z;
      }
    }
  }
  const middle = Math.floor(boxPx / 2);
  return [sum[0]! / total - middle, sum[1]! / total - middle, sum[2]! / total - middle];
}
