import type { FourierBox } from "../../geometry/fourier-box.ts";
import { normaliseInto, quaternionToMatrixInto } from "../../geometry/quaternion.ts";

/** The eight voxels around a point of the Fourier ball, and their weights. */
export interface TrilinearFoot {
  /** The point had x < 0: the foot is that of −p, and values are conjugated. */
  readonly isConjugate: boolean;
  /** [8] voxel indices of the FourierBox, x fastest, then y, then z. */
  readonly voxels: readonly number[];
  readonly weights: readonly number[];
}

/** Foot of (x, y, z), |p| ≤ R: floor(p) and floor(p) + 1 on each axis, weights 1 − f and f. */
export function trilinearFoot(box: FourierBox, x: number, y: number, z: number): TrilinearFoot {
  const isConjugate = x < 0;
  const p = isConjugate ? [-x, -y, -z] : [x, y, z];
  const floor = p.map(Math.floor) as [number, number, number];
  const fraction = p.map((value, axis) => value - floor[axis]!) as [number, number, number];
  const edge = box.radiusPx + 1;
  const voxels: number[] = [];
  const weights: number[] = [];
  for (let dz = 0; dz < 2; dz++) {
    for (let dy = 0; dy < 2; dy++) {
      const weightYZ = (dy === 0 ? 1 - fraction[1] : fraction[1]) * (dz === 0 ? 1 - fraction[2] : fraction[2]);
      for (let dx = 0; dx < 2; dx++) {
        voxels.push(((floor[2] + dz + edge) * box.sizeY + (floor[1] + dy + edge)) * box.sizeX + floor[0] + dx);
        weights.push((dx === 0 ? 1 - fraction[0] : fraction[0]) * weightYZ);
      }
    }
  }
  return { isConjugate, voxels, weights };
}

/** Value of an interleaved complex FourierBox at (x, y, z), |p| ≤ R: V(p), or conj V(−p) where x < 0. */
export function sampleTrilinear(
  box: FourierBox,
  volume: Float32Array,
  x: number,
  y: number,
  z: number,
): readonly [re: number, im: number] {
  const foot = trilinearFoot(box, x, y, z);
  let re = 0;
  let im = 0;
  for (let corner = 0; corner < 8; corner++) {
    re += foot.weights[corner]! * volume[2 * foot.voxels[corner]!]!;
    im += foot.weights[corner]! * volume[2 * foot.voxels[corner]! + 1]!;
  }
  return [re, foot.isConjugate ? -im : im];
}

/** Row-major 3x3 matrix, float64, of the quaternion at `index` of an f32 [count][4] array, normalised first. */
export function rotationMatrixAt(rotations: Float32Array, index: number): Float64Array {
  const quaternion = Float64Array.from(rotations.subarray(4 * index, 4 * index + 4));
  normaliseInto(quaternion, 0, quaternion, 0);
  const matrix = new Float64Array(9);
  quaternionToMatrixInto(matrix, 0, quaternion, 0);
  return matrix;
}
