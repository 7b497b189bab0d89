/** A map turned and moved in real space, by windowed-sinc interpolation. */

import { expectMap } from "./map-shape.ts";

/** Voxels to each side that an interpolated value takes part from. */
const REACH = 4;
const TAPS = 2 * REACH;
/** Positions between two voxels that weights are tabulated at. */
const STEPS = 1024;

/**
 * out(x) = map(R x + c), both about voxel floor(boxPx/2): what lies at R x + c comes to lie at x. Outside the box the
 * map is 0. Features down to about three voxels keep their strength.
 *
 * @param map  [boxPx³]
 * @param rotation  R, 3×3 row-major
 * @param centrePx  c, px
 * @returns [boxPx³]; fresh array
 */
export function rotateMap(
  map: Float32Array,
  boxPx: number,
  rotation: ArrayLike<number>,
  centrePx: readonly [x: number, y: number, z: number],
): Float32Array {
  expectMap("rotate map", map, boxPx);
  const weights = sincWeights();
  const out = new Float32Array(map.length);
  const middle = Math.floor(boxPx / 2);
  const m = Float64Array.from(rotation);
  const [cx, cy, cz] = [centrePx[0] + middle, centrePx[1] + middle, centrePx[2] + middle];
  for (let z = 0, o = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      for (let x = 0; x < boxPx; x++, o++) {
        const [dx, dy, dz] = [x - middle, y - middle, z - middle];
        out[o] = interpolate(
          map,
          boxPx,
          weights,
          m[0]! * dx + m[1]! * dy + m[2]! * dz + cx,
          m[3]! * dx + m[4]! * dy + m[5]! * dz + cy,
          m[6]! * dx + m[7]! * dy + m[8]! * dz + cz,
        );
      }
    }
  }
  return out;
}

function interpolate(map: Float32Array, n: number, weights: Float32Array, x: number, y: number, z: number): number {
  const [ix, iy, iz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  if (ix < -REACH || iy < -REACH || iz < -REACH || ix >= n + REACH || iy >= n + REACH || iz >= n + REACH) return 0;
  const wx = TAPS * Math.round((x - ix) * STEPS);
  const wy = TAPS * Math.round((y - iy) * STEPS);
  const wz = TAPS * Math.round((z - iz) * STEPS);
  let sum = 0;
  for (let k = 0; k < TAPS; k++) {
    const pz = iz + k - REACH + 1;
    if (pz < 0 || pz >= n) continue;
    let plane = 0;
    for (let j = 0; j < TAPS; j++) {
      const py = iy + j - REACH + 1;
      if (py < 0 || py >= n) continue;
      const row = (pz * n + py) * n + ix - REACH + 1;
      const first = Math.max(0, REACH - 1 - ix);
      const end = Math.min(TAPS, n - ix + REACH - 1);
      let line = 0;
      for (let i = first; i < end; i++) line += weights[wx + i]! * map[row + i]!;
      plane += weights[wy + j]! * line;
    }
    sum += weights[wz + k]! * plane;
  }
  return sum;
}

/** [STEPS + 1][TAPS] sinc under a raised-cosine window, each row of sum 1. */
function sincWeights(): Float32Array {
  const weights = new Float32Array((STEPS + 1) * TAPS);
  for (let step = 0; step <= STEPS; step++) {
    let sum = 0;
    const row = new Float64Array(TAPS);
    for (let i = 0; i < TAPS; i++) {
      const distance = i - REACH + 1 - step / STEPS;
      const sinc = Math.abs(distance) < 1e-9 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance);
      row[i] = Math.abs(distance) >= REACH ? 0 : sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / REACH));
      sum += row[i]!;
    }
    for (let i = 0; i < TAPS; i++) weights[step * TAPS + i] = row[i]! / sum;
  }
  return weights;
}
