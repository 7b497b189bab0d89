/**
 * Compact half-complex box around the Fourier ball that a radius needs: what references and accumulators hold.
 *
 * x = 0..R+1, y and z = -(R+1)..R+1, so every trilinear neighbour of a point within the ball of R padded voxels has an
 * address without wrapping. x is fastest. Complex boxes are interleaved re, im.
 */

import { ShapeError, UsageError } from "../core/errors.ts";
import { halfLength } from "./shells.ts";

export interface FourierBox {
  /** R, padded voxels. */
  readonly radiusPx: number;
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  /** sizeX × sizeY × sizeZ; a complex box has twice as many floats. */
  readonly voxelCount: number;
}

/** The box for image shells 0..maxShell at a padding factor: R = ceil(padding × maxShell) + 1. */
export function fourierBoxFor(maxShell: number, padding: number): FourierBox {
  if (!(maxShell >= 0) || !(padding >= 1)) {
    throw new UsageError(`fourier box: expected maxShell >= 0 and padding >= 1, got ${maxShell} and ${padding}.`);
  }
  // A pixel of shell s has |k| < s + ½: one voxel beyond padding × s holds it for padding 2.
  return fourierBoxOfRadius(Math.ceil(padding * maxShell) + 1);
}

export function fourierBoxOfRadius(radiusPx: number): FourierBox {
  if (!Number.isInteger(radiusPx) || radiusPx < 0) {
    throw new UsageError(`fourier box: radiusPx must be a whole number >= 0, got ${radiusPx}.`);
  }
  const sizeX = radiusPx + 2;
  const side = 2 * radiusPx + 3;
  return { radiusPx, sizeX, sizeY: side, sizeZ: side, voxelCount: sizeX * side * side };
}

/** Voxel index of (x, y, z), x = 0..R+1, |y|, |z| <= R+1. */
export function fourierBoxIndex(box: FourierBox, x: number, y: number, z: number): number {
  const edge = box.radiusPx + 1;
  return ((z + edge) * box.sizeY + (y + edge)) * box.sizeX + x;
}

/**
 * Copies the middle of a half-complex transform into a box; voxels that the transform lacks become 0.
 *
 * Frequencies at ±side/2 have no partner and are dropped.
 *
 * @param out  [2 × box.voxelCount], overwritten
 * @param transform  [side × side × (side/2 + 1)] interleaved complex, FFT order
 * @param isCentred  multiply by (-1)^(x+y+z): the map's origin moves from its voxel 0 to the voxel side/2, side even
 */
export function boxFromHalfComplexInto(
  out: Float32Array,
  box: FourierBox,
  transform: Float32Array,
  side: number,
  isCentred: boolean,
): void {
  checkShapes("boxFromHalfComplexInto", out, transform, box, side, isCentred);
  out.fill(0);
  forEachSharedRow(box, side, (boxRow, transformRow, count, y, z) => {
    for (let x = 0; x < count; x++) {
      const sign = isCentred && (x + y + z) & 1 ? -1 : 1;
      out[2 * (boxRow + x)] = sign * transform[2 * (transformRow + x)]!;
      out[2 * (boxRow + x) + 1] = sign * transform[2 * (transformRow + x) + 1]!;
    }
  });
}

/** The way back: `transform` is zero outside the box. Same parameters as `boxFromHalfComplexInto`. */
export function halfComplexFromBoxInto(
  transform: Float32Array,
  side: number,
  contents: Float32Array,
  box: FourierBox,
  isCentred: boolean,
): void {
  checkShapes("halfComplexFromBoxInto", contents, transform, box, side, isCentred);
  transform.fill(0);
  forEachSharedRow(box, side, (boxRow, transformRow, count, y, z) => {
    for (let x = 0; x < count; x++) {
      const sign = isCentred && (x + y + z) & 1 ? -1 : 1;
      transform[2 * (transformRow + x)] = sign * contents[2 * (boxRow + x)]!;
      transform[2 * (transformRow + x) + 1] = sign * contents[2 * (boxRow + x) + 1]!;
    }
  });
}

function forEachSharedRow(
  box: FourierBox,
  side: number,
  visit: (boxRow: number, transformRow: number, count: number, y: number, z: number) => void,
): void {
  const edge = Math.min(box.radiusPx + 1, (side - 1) >> 1);
  const length = halfLength(side);
  for (let z = -edge; z <= edge; z++) {
    const iz = z < 0 ? z + side : z;
    for (let y = -edge; y <= edge; y++) {
      const iy = y < 0 ? y + side : y;
      visit(fourierBoxIndex(box, 0, y, z), (iz * side + iy) * length, edge + 1, y, z);
    }
  }
}

function checkShapes(
  where: string,
  contents: Float32Array,
  transform: Float32Array,
  box: FourierBox,
  side: number,
  isCentred: boolean,
): void {
  if (contents.length !== 2 * box.voxelCount) {
    throw new ShapeError(`${where}: box`, { expected: [2 * box.voxelCount], actual: [contents.length] });
  }
  const length = 2 * side * side * halfLength(side);
  if (transform.length !== length) {
    throw new ShapeError(`${where}: transform`, { expected: [length], actual: [transform.length] });
  }
  if (isCentred && side % 2 !== 0) {
    throw new UsageError(`${where}: the (-1)^(x+y+z) centre phase needs an even side, got ${side}.`);
  }
}
