/**
 * FSC within cones of directions: is the map resolved equally well along every axis?
 *
 * Sources: 3DFSC, Tan et al. 2017, Nature Methods 14, 793 (cones of half angle 20°); conical-FSC area ratio as in the
 * orientation diagnostics of cryoSPARC: smallest area under a cone's curve / largest one.
 */

import { friedelWeight, halfLength, shellOf, signedFrequency } from "../geometry/shells.ts";
import { expectTransform } from "./map-shape.ts";

/** Sums for an FSC, kept apart by direction and shell: [bin × shell × 4] of Re A conj(B), |A|², |B|², voxels. */
export interface DirectionalSums {
  readonly boxPx: number;
  readonly shellCount: number;
  readonly sums: Float64Array;
}

/**
 * Directions are binned on three faces of a cube (an axis has no sign). 24 × 24 cells of a face are 3.8° wide in its
 * middle: fine beside a cone of 20°.
 */
const CELLS = 24;
const BIN_COUNT = 3 * CELLS * CELLS;

/** Cell of an axis given by any vector along it, not 0. */
function binOf(x: number, y: number, z: number): number {
  const [ax, ay, az] = [Math.abs(x), Math.abs(y), Math.abs(z)];
  if (ax >= ay && ax >= az) return cell(0, y / x, z / x);
  if (ay >= az) return cell(1, x / y, z / y);
  return cell(2, x / z, y / z);
}

function cell(face: number, u: number, v: number): number {
  const index = (t: number) => Math.min(CELLS - 1, Math.floor(((t + 1) / 2) * CELLS));
  return (face * CELLS + index(v)) * CELLS + index(u);
}

/** [BIN_COUNT × 3] unit vectors through the cells' centres. */
function makeBinAxes(): Float64Array {
  const axes = new Float64Array(3 * BIN_COUNT);
  const middle = (index: number) => (2 * (index + 0.5)) / CELLS - 1;
  for (let bin = 0; bin < BIN_COUNT; bin++) {
    const [u, v] = [middle(bin % CELLS), middle(Math.floor(bin / CELLS) % CELLS)];
    const face = Math.floor(bin / (CELLS * CELLS));
    const vector = face === 0 ? [1, u, v] : face === 1 ? [u, 1, v] : [u, v, 1];
    const length = Math.hypot(...vector);
    axes.set(
      vector.map((value) => value / length),
      3 * bin,
    );
  }
  return axes;
}

/** @param a,b  [boxPx × boxPx × halfLength × 2] transforms of two maps, masked or not */
export function directionalSums(a: Float32Array, b: Float32Array, boxPx: number): DirectionalSums {
  expectTransform("directional FSC: first map", a, boxPx);
  expectTransform("directional FSC: second map", b, boxPx);
  const shellCount = halfLength(boxPx);
  const sums = new Float64Array(4 * BIN_COUNT * shellCount);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < shellCount; kx++, o += 2) {
        const shell = shellOf(kx * kx + ky * ky + kz * kz);
        if (shell === 0 || shell >= shellCount) continue;
        const place = 4 * (binOf(kx, ky, kz) * shellCount + shell);
        const weight = friedelWeight(kx, boxPx);
        const [ar, ai, br, bi] = [a[o]!, a[o + 1]!, b[o]!, b[o + 1]!];
        sums[place]! += weight * (ar * br + ai * bi);
        sums[place + 1]! += weight * (ar * ar + ai * ai);
        sums[place + 2]! += weight * (br * br + bi * bi);
        sums[place + 3]! += weight;
      }
    }
  }
  return { boxPx, shellCount, sums };
}

export interface ConeCurve {
  /** [shell]; 0 where the cone holds no voxel. */
  readonly fsc: Float64Array;
  /** [shell] voxels of the full transform in the cone, Friedel pairs twice. */
  readonly voxelCount: Float64Array;
}

/**
 * FSC in a double cone around each axis.
 *
 * @param axes  [n × 3] unit vectors
 * @param halfAngleRad  between axis and surface of the cone
 */
export function conicalFsc(
  { sums, shellCount }: DirectionalSums,
  axes: Float64Array,
  halfAngleRad: number,
): ConeCurve[] {
  const binAxes = makeBinAxes();
  const leastCosine = Math.cos(halfAngleRad);
  const curves: ConeCurve[] = [];
  for (let axis = 0; axis < axes.length; axis += 3) {
    const total = new Float64Array(4 * shellCount);
    for (let bin = 0; bin < BIN_COUNT; bin++) {
      const cosine =
        axes[axis]! * binAxes[3 * bin]! +
        axes[axis + 1]! * binAxes[3 * bin + 1]! +
        axes[axis + 2]! * binAxes[3 * bin + 2]!;
      if (Math.abs(cosine) < leastCosine) continue;
      const from = 4 * bin * shellCount;
      for (let i = 0; i < total.length; i++) total[i]! += sums[from + i]!;
    }
    const fsc = new Float64Array(shellCount);
    const voxelCount = new Float64Array(shellCount);
    for (let shell = 0; shell < shellCount; shell++) {
      const power = Math.sqrt(total[4 * shell + 1]! * total[4 * shell + 2]!);
      fsc[shell] = power > 0 ? total[4 * shell]! / power : 0;
      voxelCount[shell] = total[4 * shell + 3]!;
    }
    curves.push({ fsc, voxelCount });
  }
  return curves;
}
