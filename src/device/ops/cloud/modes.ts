import {
  conjugateInto,
  fromRotationVectorInto,
  multiplyInto,
  rotationVectorInto,
} from "../../../geometry/quaternion.ts";

/** At most this many; further points join the nearest. */
export const MAX_MODES = 8;
/** A Gaussian cut at 3 sd and its tail stand 3 to 3.5 sd apart, and their widths add up to 2.3 sd or more. */
const JOINING_WIDTHS = 1.5;

/** Sums over the points of one mode, relative to its centre. */
interface Mode {
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
  weight: number;
  /** x = (rotation vector, shift): [5] Σ w x, and [15] the lower triangle of Σ w x xᵀ. */
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

export interface ModeSummary {
  readonly modeCount: number;
  /** Of the heaviest mode: its mean pose and its share of the weight. */
  readonly rotation: Float64Array;
  readonly shiftPx: readonly [number, number];
  readonly modeWeight: number;
  /** [15] lower triangle of the covariance of (rotation vector, shift), rad and px, pooled within modes. */
  readonly covariance: Float64Array;
  /** The mode of each ordered point, and the mean pose of each mode; null: joined to another. */
  readonly modeOf: readonly number[];
  readonly means: readonly (Pose | null)[];
}

/** Weighted points of one image, and what counts as near. */
export interface ModePoints {
  /** Points by falling weight. */
  readonly order: readonly number[];
  readonly weights: Float64Array;
  /** [points / shiftsPerRotation][4] */
  readonly rotations: Float32Array;
  /** [points][2] */
  readonly shiftsPx: Float32Array;
  readonly shiftsPerRotation: number;
  /** [mates][4], identity first. */
  readonly symmetry: Float64Array;
  /** A point within both of a mode's centre belongs to it. */
  readonly reachRad: number;
  readonly reachPx: number;
}

/**
 * Groups points into modes and pools their covariance.
 *
 * Each point joins the first group whose centre (its heaviest point) is within reach, else founds one (or joins the nearest
 * of MAX_MODES). Groups whose means stand within JOINING_WIDTHS times the sum of their own widths, sqrt(trace), are one mode.
 */
export function summariseModes(points: ModePoints): ModeSummary {
  let modes: Mode[] = [];
  const owner = points.order.map((point) => {
    const { q, shift } = poseOf(points, point);
    const nearest = nearestMode(points, modes, q, shift);
    let mode = nearest.mode;
    if (mode < 0 || (nearest.distance > 1 && modes.length < MAX_MODES)) {
      mode = modes.length;
      modes.push(makeMode(q, shift));
    }
    addPoint(modes[mode]!, points, point);
    return mode;
  });
  const target = joinPieces(points, modes);
  modes = modes.map((mode) => makeMode(mode.rotation, mode.shiftPx));
  points.order.forEach((point, i) => {
    addPoint(modes[target[owner[i]!]!]!, points, point);
  });
  const means = modes.map((mode) => (mode.weight > 0 ? meanPose(mode) : null));
  const modeOf = owner.map((mode) => target[mode]!);
  return { ...pool(modes.filter((mode) => mode.weight > 0)), modeOf, means };
}

function poseOf(points: ModePoints, point: number): Pose {
  const rotation = Math.floor(point / points.shiftsPerRotation);
  const q = Float64Array.from(points.rotations.subarray(4 * rotation, 4 * rotation + 4));
  return { q, shift: [points.shiftsPx[2 * point]!, points.shiftsPx[2 * point + 1]!] };
}

/** The first mode within reach, or else the nearest; −1 where there is none. Distance: the larger of both, in reaches. */
function nearestMode(
  points: ModePoints,
  modes: readonly Mode[],
  q: Float64Array,
  shift: readonly [number, number],
): { mode: number; distance: number } {
  const v = new Float64Array(3);
  let nearest = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let k = 0; k < modes.length && distance > 1; k++) {
    const mode = modes[k]!;
    relativeVectorInto(v, mode.rotation, q, points.symmetry);
    const turn = Math.sqrt(v[0]! ** 2 + v[1]! ** 2 + v[2]! ** 2) / points.reachRad;
    const move = Math.sqrt((shift[0] - mode.shiftPx[0]) ** 2 + (shift[1] - mode.shiftPx[1]) ** 2) / points.reachPx;
    if (Math.max(turn, move) < distance) {
      nearest = k;
      distance = Math.max(turn, move);
    }
  }
  return { mode: nearest, distance };
}

/** Which mode each one's points go to in the end: pieces of one mode are joined to the earliest. */
function joinPieces(points: ModePoints, modes: readonly Mode[]): number[] {
  const means = modes.map(meanPose);
  const target: number[] = [];
  modes.forEach((mode, k) => {
    const whole = modes.findIndex((earlier, i) => i < k && areOne(points, earlier, means[i]!, mode, means[k]!));
    target.push(whole < 0 ? k : target[whole]!);
  });
  return target;
}

export interface Pose {
  readonly q: Float64Array;
  readonly shift: readonly [number, number];
}

/** Whether two groups stand closer than their own widths warrant: one mode and a piece of its tail. */
function areOne(points: ModePoints, a: Mode, meanA: Pose, b: Mode, meanB: Pose): boolean {
  const v = new Float64Array(3);
  relativeVectorInto(v, meanA.q, meanB.q, points.symmetry);
  const turn = Math.sqrt(v[0]! ** 2 + v[1]! ** 2 + v[2]! ** 2);
  const move = Math.sqrt((meanB.shift[0] - meanA.shift[0]) ** 2 + (meanB.shift[1] - meanA.shift[1]) ** 2);
  return (
    turn <= JOINING_WIDTHS * (width(a, 0, 3) + width(b, 0, 3)) &&
    move <= JOINING_WIDTHS * (width(a, 3, 5) + width(b, 3, 5))
  );
}

/** sqrt(trace) of the covariance within one mode, axes first … end − 1. */
function width({ sum, squares, weight }: Mode, first: number, end: number): number {
  let trace = 0;
  for (let i = first; i < end; i++) trace += squares[((i + 1) * (i + 2)) / 2 - 1]! / weight - (sum[i]! / weight) ** 2;
  return Math.sqrt(Math.max(0, trace));
}

function meanPose(mode: Mode): Pose {
  const v = mode.sum.map((x) => x / mode.weight);
  const q = new Float64Array(4);
  fromRotationVectorInto(q, 0, v[0]!, v[1]!, v[2]!);
  multiplyInto(q, 0, mode.rotation, 0, q, 0);
  return {
    q,
    shift: [mode.shiftPx[0] + v[3]!, mode.shiftPx[1] + v[4]!],
  };
}

function makeMode(rotation: Float64Array, shiftPx: readonly [number, number]): Mode {
  return {
    rotation,
    shiftPx,
    weight: 0,
    sum: new Float64Array(5),
    squares: new Float64Array(15),
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

function addPoint(mode: Mode, points: ModePoints, point: number): void {
  const { q, shift } = poseOf(points, point);
  const v = new Float64Array(3);
  relativeVectorInto(v, mode.rotation, q, points.symmetry);
  const weight = points.weights[point]!;
  mode.weight += weight;
  accumulate(mode.sum, mode.squares, weight, [...v, shift[0] - mode.shiftPx[0], shift[1] - mode.shiftPx[1]]);
}

function accumulate(sum: Float64Array, squares: Float64Array, weight: number, x: ArrayLike<number>): void {
  let at = 0;
  for (let row = 0; row < x.length; row++) {
    sum[row]! += weight * x[row]!;
    for (let column = 0; column <= row; column++) squares[at++]! += weight * x[row]! * x[column]!;
  }
}

function pool(modes: readonly Mode[]): Omit<ModeSummary, "modeOf" | "means"> {
  let total = 0;
  let heaviest = modes[0]!;
  const covariance = new Float64Array(15);
  for (const mode of modes) {
    total += mode.weight;
    if (mode.weight > heaviest.weight) heaviest = mode;
    addScatter(covariance, mode.sum, mode.squares, mode.weight);
  }
  const mean = meanPose(heaviest);
  return {
    modeCount: modes.length,
    rotation: mean.q,
    shiftPx: mean.shift,
    modeWeight: heaviest.weight / total,
    covariance: covariance.map((x) => x / total),
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

/** The pose at `spread` of the way from a mode's mean to a point, or to the point's nearest mate. */
export function drawnIn(pose: Pose, mean: Pose, spread: number, symmetry: Float64Array): Pose {
  const v = new Float64Array(3);
  const q = new Float64Array(4);
  relativeVectorInto(v, mean.q, pose.q, symmetry);
  fromRotationVectorInto(q, 0, spread * v[0]!, spread * v[1]!, spread * v[2]!);
  multiplyInto(q, 0, mean.q, 0, q, 0);
  const along = (c: 0 | 1) => mean.shift[c] + spread * (pose.shift[c] - mean.shift[c]);
  return { q, shift: [along(0), along(1)] };
}
