import { DataError } from "../core/errors.ts";
import { type CubicMap, readCubicMap } from "../io/node/cubic-map.ts";

/** How far the pixel sizes of two maps may differ: rounding of cell edges in float32 headers. */
const SAME_PIXEL = 1e-3;

export interface MapPair {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [boxPx³] each. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Two maps on one grid.
 *
 * @param pixelSizeA  replaces the headers'; 0 takes them
 */
export function readMapPair(firstPath: string, secondPath: string, pixelSizeA: number): MapPair {
  const first = readCubicMap(firstPath, pixelSizeA);
  const second = readCubicMap(secondPath, pixelSizeA);
  expectSameGrid(secondPath, second, firstPath, first);
  if (first.data.every((value, i) => value === second.data[i])) {
    throw new DataError(
      `${secondPath}: expected another map than ${firstPath}, got the same densities. An FSC of a map with itself says nothing.`,
      { first: firstPath, second: secondPath },
    );
  }
  return { boxPx: first.boxPx, pixelSizeA: first.pixelSizeA, first: first.data, second: second.data };
}

/** A mask on the grid of a map: values 0 … 1, some of them above 0. */
export function readMask(path: string, grid: { readonly boxPx: number; readonly pixelSizeA: number }): Float32Array {
  // Masks often carry no pixel size.
  const mask = readCubicMap(path, grid.pixelSizeA);
  expectSameGrid(path, mask, "the maps", grid);
  const bad = mask.data.findIndex((value) => value < -1e-6 || value > 1 + 1e-6);
  if (bad >= 0) {
    throw new DataError(
      `${path}: expected a mask of values from 0 to 1, got ${mask.data[bad]}. Make one with vitreous mask.`,
      { path, value: mask.data[bad] },
    );
  }
  if (!mask.data.some((value) => value > 0)) {
    throw new DataError(`${path}: expected a mask, got zeros throughout. Make one with vitreous mask.`, { path });
  }
  return mask.data;
}

function expectSameGrid(
  path: string,
  map: Pick<CubicMap, "boxPx" | "pixelSizeA">,
  otherPath: string,
  other: Pick<CubicMap, "boxPx" | "pixelSizeA">,
): void {
  if (map.boxPx !== other.boxPx) {
    throw new DataError(
      `${path}: expected a box of ${other.boxPx} px as ${otherPath}, got ${map.boxPx}. Bring them to one box first.`,
      { path, expected: other.boxPx, actual: map.boxPx },
    );
  }
  if (Math.abs(map.pixelSizeA / other.pixelSizeA - 1) > SAME_PIXEL) {
    throw new DataError(
      `${path}: expected ${other.pixelSizeA} Å per voxel as ${otherPath}, got ${map.pixelSizeA}. ` +
        "Resample one of them, or give --pixel-size where a header is wrong.",
      { path, expected: other.pixelSizeA, actual: map.pixelSizeA },
    );
  }
}
