/**
 * A map on another box and pixel size, by band-limited (trigonometric) interpolation about the centre voxel.
 *
 * Density values are kept, not sums. Each axis is a product with a real matrix of Dirichlet kernels, so any ratio of
 * pixel sizes is exact, and frequencies beyond the coarser Nyquist are cut. Outside the old box the map is 0.
 */

import { expectInteger, expectPositive } from "../core/checks.ts";
import { expectMap } from "./map-shape.ts";

/** Pixel sizes closer than this (relative) are the same: headers hold single precision. */
const SAME_PIXEL = 1e-5;

export interface MapGrid {
  readonly boxPx: number;
  readonly pixelSizeA: number;
}

/**
 * @param map  [from.boxPx³]
 * @returns [to.boxPx³]; fresh array
 */
export function resampleMap(map: Float32Array, from: MapGrid, to: MapGrid): Float32Array {
  expectMap("resample: map", map, from.boxPx);
  expectInteger("resample: boxPx", to.boxPx, 1);
  expectPositive("resample: pixelSizeA", from.pixelSizeA);
  expectPositive("resample: pixelSizeA", to.pixelSizeA);
  if (Math.abs(to.pixelSizeA / from.pixelSizeA - 1) < SAME_PIXEL) return moveToBox(map, from.boxPx, to.boxPx);
  const matrix = dirichletMatrix(from, to);
  // Each pass turns the axes (x, y, z) -> (y, z, x') and so leaves them in place after three.
  const once = interpolateFastest(map, from.boxPx, from.boxPx ** 2, matrix, to.boxPx);
  const twice = interpolateFastest(once, from.boxPx, from.boxPx * to.boxPx, matrix, to.boxPx);
  return Float32Array.from(interpolateFastest(twice, from.boxPx, to.boxPx ** 2, matrix, to.boxPx));
}

/** out[x' × lineCount + line] = Σ_x matrix[x' × length + x] values[line × length + x]. */
function interpolateFastest(
  values: Float32Array | Float64Array,
  length: number,
  lineCount: number,
  matrix: Float64Array,
  outLength: number,
): Float64Array {
  const out = new Float64Array(outLength * lineCount);
  for (let line = 0; line < lineCount; line++) {
    for (let target = 0; target < outLength; target++) {
      let sum = 0;
      for (let x = 0; x < length; x++) sum += matrix[target * length + x]! * values[line * length + x]!;
      out[target * lineCount + line] = sum;
    }
  }
  return out;
}

/** Crops or pads with zeros about the centre voxel floor(box/2). */
function moveToBox(map: Float32Array, fromPx: number, toPx: number): Float32Array {
  const out = new Float32Array(toPx ** 3);
  const offset = Math.floor(toPx / 2) - Math.floor(fromPx / 2);
  const first = Math.max(0, -offset);
  const end = Math.min(fromPx, toPx - offset);
  for (let z = first; z < end; z++) {
    for (let y = first; y < end; y++) {
      const row = (z * fromPx + y) * fromPx;
      out.set(map.subarray(row + first, row + end), ((z + offset) * toPx + y + offset) * toPx + first + offset);
    }
  }
  return out;
}

function dirichletMatrix(from: MapGrid, to: MapGrid): Float64Array {
  const matrix = new Float64Array(to.boxPx * from.boxPx);
  const ratio = to.pixelSizeA / from.pixelSizeA;
  // Frequencies of the old box strictly below both Nyquist limits; a column at Nyquist has no partner.
  const last = Math.ceil(from.boxPx / (2 * Math.max(1, ratio)) - 1e-9) - 1;
  for (let target = 0; target < to.boxPx; target++) {
    const position = (target - Math.floor(to.boxPx / 2)) * ratio + Math.floor(from.boxPx / 2);
    if (position < -0.5 || position > from.boxPx - 0.5) continue;
    for (let x = 0; x < from.boxPx; x++) {
      matrix[target * from.boxPx + x] = dirichlet(position - x, last, from.boxPx);
    }
  }
  return matrix;
}

/** (1/n) Σ_{|k| <= last} exp(2πi k u / n). */
function dirichlet(u: number, last: number, n: number): number {
  const sine = Math.sin((Math.PI * u) / n);
  if (Math.abs(sine) < 1e-12) return (2 * last + 1) / n;
  return Math.sin(((2 * last + 1) * Math.PI * u) / n) / (n * sine);
}
