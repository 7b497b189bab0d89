import {
  conjugateInto,
  fromRotationVectorInto,
  multiplyInto,
  rotationVectorInto,
} from "../../../geometry/quaternion.ts";

/** At most this many; further points join the nearest. */
export const MAX_MODES = 8;

/** Sums over the points of one mode, relative to its centre. */
interface Mode {
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
  weight: number;
  /** Σ w v, and the lower triangle of Σ w v vᵀ. */
  readonly rotationSum: Float64Array;
  readonly rotationSquares: Float64Array;
  readonly shiftSum: Float64Array;
  readonly shiftSquares: Float64Array;
}

export interface ModeSummary {
  readonly modeCount: number;
  /** Of the heaviest mode: its mean pose and its share of the weight. */
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
  readonly modeWeight: number;
  /** Pooled within-mode covariances, lower triangles: [6] rad², [3] px². */
  readonly rotationCovariance: Float64Array;
  readonly shiftCovariance: Float64Array;
}

/**
 * Groups weighted points into modes and pools their covariance.
 *
 * @param order  points by falling weight
 * @param rotations  [points… / shiftsPerRotation][4]
 * @param shiftsPx  [points][2]
 * @param reachRad,reachPx  a point within both of a mode's centre belongs to it
 * @param symmetry  [mates][4], identity first
 */
export function summariseModes(
  order: readonly number[],
  weights: Float64Array,
  rotations: Float32Array,
  shiftsPx: Float32Array,
  shiftsPerRotation: number,
  symmetry: Float64Array,
  reachRad: number,
  reachPx: number,
): ModeSummary {
  const modes: Mode[] = [];
  const v = new Float64Array(3);
  for (const point of order) {
    const rotation = Math.floor(point / shiftsPerRotation);
    const q = Float64Array.from(rotations.subarray(4 * rotation, 4 * rotation + 4));
    const shift: readonly [number, number] = [shiftsPx[2 * point]!, shiftsPx[2 * point + 1]!];
    let nearest: Mode | null = null;
    let nearestDistance = Number.POSITIVE_INFINITY;
    for (const mode of modes) {
      relativeVectorInto(v, mode.rotation, q, symmetry);
      const turn = Math.sqrt(v[0]! ** 2 + v[1]! ** 2 + v[2]! ** 2) / reachRad;
      const move = Math.sqrt((shift[0] - mode.shiftPx[0]) ** 2 + (shift[1] - mode.shiftPx[1]) ** 2) / reachPx;
      const isMember = turn <= 1 && move <= 1;
      const distance = isMember ? -1 : turn * turn + move * move;
      if (distance < nearestDistance) {
        nearest = mode;
        nearestDistance = distance;
      }
      if (isMember) break;
    }
    if (nearest === null || (nearestDistance > 0 && modes.length < MAX_MODES)) {
      nearest = makeMode(q, shift);
      modes.push(nearest);
    }
    relativeVectorInto(v, nearest.rotation, q, symmetry);
    addPoint(nearest, weights[point]!, v, shift);
  }
  return pool(modes);
}

function makeMode(rotation: Float64Array, shiftPx: readonly [number, number]): Mode {
  return {
    rotation,
    shiftPx,
    weight: 0,
    rotationSum: new Float64Array(3),
    rotationSquares: new Float64Array(6),
    shiftSum: new Float64Array(2),
    shiftSquares: new Float64Array(3),
  };
}

/** out = the rotation vector from `centre` to the mate G·q that lies nearest to it. */
function relativeVectorInto(out: Float64Array, centre: Float64Array, q: Float64Array, symmetry: Float64Array): void {
  const inverse = new Float64Array(4);
  const relative = new Float64Array(4);
  const best = new Float64Array(4);
  conjugateInto(inverse, 0, centre, 0);
  for (let g = 0; g < symmetry.length / 4; g++) {
    multiplyInto(relative, 0, symmetry, 4 * g, q, 0);
    multiplyInto(relative, 0, inverse, 0, relative, 0);
    if (g === 0 || Math.abs(relative[0]!) > Math.abs(best[0]!)) best.set(relative);
  }
  rotationVectorInto(out, 0, best, 0);
}

function addPoint(mode: Mode, weight: number, v: Float64Array, shift: readonly [number, number]): void {
  const t = [shift[0] - mode.shiftPx[0], shift[1] - mode.shiftPx[1]] as const;
  mode.weight += weight;
  accumulate(mode.rotationSum, mode.rotationSquares, weight, v);
  accumulate(mode.shiftSum, mode.shiftSquares, weight, t);
}

function accumulate(sum: Float64Array, squares: Float64Array, weight: number, x: ArrayLike<number>): void {
  let at = 0;
  for (let row = 0; row < x.length; row++) {
    sum[row]! += weight * x[row]!;
    for (let column = 0; column <= row; column++) squares[at++]! += weight * x[row]! * x[column]!;
  }
}

function pool(modes: readonly Mode[]): ModeSummary {
  let total = 0;
  let heaviest = modes[0]!;
  const rotationCovariance = new Float64Array(6);
  const shiftCovariance = new Float64Array(3);
  for (const mode of modes) {
    total += mode.weight;
    if (mode.weight > heaviest.weight) heaviest = mode;
    addScatter(rotationCovariance, mode.rotationSum, mode.rotationSquares, mode.weight);
    addScatter(shiftCovariance, mode.shiftSum, mode.shiftSquares, mode.weight);
  }
  const mean = heaviest.rotationSum.map((x) => x / heaviest.weight);
  const rotation = new Float64Array(4);
  fromRotationVectorInto(rotation, 0, mean[0]!, mean[1]!, mean[2]!);
  multiplyInto(rotation, 0, heaviest.rotation, 0, rotation, 0);
  return {
    modeCount: modes.length,
    rotation,
    shiftPx: [
      heaviest.shiftPx[0] + heaviest.shiftSum[0]! / heaviest.weight,
      heaviest.shiftPx[1] + heaviest.shiftSum[1]! / heaviest.weight,
    ],
    modeWeight: heaviest.weight / total,
    rotationCovariance: rotationCovariance.map((x) => x / total),
    shiftCovariance: shiftCovariance.map((x) => x / total),
  };
}

/** out += Σ w x xᵀ − (Σ w x)(Σ w x)ᵀ/Σ w. */
function addScatter(out: Float64Array, sum: Float64Array, squares: Float64Array, weight: number): void {
  let at = 0;
  for (let row = 0; row < sum.length; row++) {
    for (let column = 0; column <= row; column++, at++) {
      out[at]! += squares[at]! - (sum[row]! * sum[column]!) / weight;
    }
  }
}
