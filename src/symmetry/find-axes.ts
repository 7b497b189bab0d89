import { makeHealpixDirections } from "../geometry/healpix.ts";
import { fromRotationVectorInto, quaternionToMatrixInto } from "../geometry/quaternion.ts";
import type { RotationalCorrelation } from "./rotational-correlation.ts";

export type Direction = readonly [x: number, y: number, z: number];

/** A direction about which turning by 360° / fold changes the map least. */
export interface FoundAxis {
  readonly fold: number;
  readonly axis: Direction;
  readonly correlation: number;
}

/** HEALPix side of the grid of axes: 3° between neighbours. */
const NSIDE = 20;
/** Peaks of one fold lie at least this far apart, degrees. */
const APART_DEG = 15;
const KEPT_PER_FOLD = 6;
/** Share of the shells compared in the first search, where the grid's step still keeps neighbours together. */
const COARSE_SHARE = 0.6;
/** Second and later axes of a fold are looked at when this far from background to perfect. */
const PROMISING = 0.25;
const FINEST_RAD = 0.002;
const BACKGROUND_TURNS = 200;
/** Successive multiples fill an interval evenly. */
const GOLDEN_FRACTION = (Math.sqrt(5) - 1) / 2;

/** Axes of every fold from 2 to `largestFold`, best first; and the correlation of a turn about no particular axis. */
export function findAxes(
  correlation: RotationalCorrelation,
  lastShell: number,
  largestFold: number,
): { readonly axes: readonly FoundAxis[]; readonly background: number } {
  const directions = halfSphere();
  const coarse = Math.max(3, Math.round(COARSE_SHARE * lastShell));
  const coarseBackground = backgroundOf(correlation, directions, coarse);
  const worth = coarseBackground + PROMISING * (1 - coarseBackground);
  const axes: FoundAxis[] = [];
  for (let fold = 2; fold <= largestFold; fold++) {
    const values = directions.map((axis) => turned(correlation, axis, (2 * Math.PI) / fold, coarse));
    const [first, ...others] = peaks(directions, values);
    const promising = others.filter((index) => values[index]! > worth);
    for (const index of [first!, ...promising]) axes.push(refineAxis(correlation, directions[index]!, fold));
  }
  axes.sort((a, b) => b.correlation - a.correlation);
  return { axes, background: backgroundOf(correlation, directions, lastShell) };
}

/** Median over turns about axes spread over the sphere, by angles that no small fold has. */
function backgroundOf(correlation: RotationalCorrelation, directions: readonly Direction[], lastShell: number): number {
  const stride = Math.max(1, Math.floor(directions.length / BACKGROUND_TURNS));
  const values = directions
    .filter((_, i) => i % stride === 0)
    .map((axis, i) => turned(correlation, axis, 1 + ((i * GOLDEN_FRACTION) % 1) * 2, lastShell));
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

function halfSphere(): Direction[] {
  const angles = makeHealpixDirections(NSIDE);
  const directions: Direction[] = [];
  for (let d = 0; d < angles.length / 2; d++) {
    const sine = Math.sin(angles[2 * d + 1]!);
    const axis: Direction = [
      sine * Math.cos(angles[2 * d]!),
      sine * Math.sin(angles[2 * d]!),
      Math.cos(angles[2 * d + 1]!),
    ];
    if (axis[2] > 0 || (axis[2] === 0 && (axis[1] > 0 || (axis[1] === 0 && axis[0] > 0)))) directions.push(axis);
  }
  return directions;
}

const quaternion = new Float64Array(4);
const matrix = new Float64Array(9);

function turned(correlation: RotationalCorrelation, axis: Direction, angleRad: number, lastShell?: number): number {
  fromRotationVectorInto(quaternion, 0, axis[0] * angleRad, axis[1] * angleRad, axis[2] * angleRad);
  quaternionToMatrixInto(matrix, 0, quaternion, 0);
  return correlation.at(matrix, 0, undefined, lastShell);
}

function peaks(directions: readonly Direction[], values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const limit = Math.cos((APART_DEG * Math.PI) / 180);
  const kept: number[] = [];
  for (const index of order) {
    if (kept.length === KEPT_PER_FOLD) break;
    const axis = directions[index]!;
    if (kept.every((other) => Math.abs(dotOf(directions[other]!, axis)) < limit)) kept.push(index);
  }
  return kept;
}

/** Climbs to the top of the mean correlation of all turns of the fold. */
function refineAxis(correlation: RotationalCorrelation, start: Direction, fold: number): FoundAxis {
  const score = (axis: Direction): number => {
    let sum = 0;
    const turns = Math.floor(fold / 2);
    for (let turn = 1; turn <= turns; turn++) sum += turned(correlation, axis, (2 * Math.PI * turn) / fold);
    return sum / turns;
  };
  let axis = start;
  let best = score(axis);
  for (let step = 0.03; step > FINEST_RAD; ) {
    const [u, v] = perpendicular(axis);
    let hasMoved = false;
    for (const [a, b] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const tried = normalised(axis.map((value, i) => value + step * (a * u[i]! + b * v[i]!)));
      const value = score(tried);
      if (value <= best) continue;
      [axis, best, hasMoved] = [tried, value, true];
      break;
    }
    if (!hasMoved) step /= 2;
  }
  return { fold, axis, correlation: best };
}

export function dotOf(a: Direction, b: Direction): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function normalised(vector: readonly number[]): Direction {
  const length = Math.hypot(vector[0]!, vector[1]!, vector[2]!);
  return [vector[0]! / length, vector[1]! / length, vector[2]! / length];
}

/** Two unit vectors at right angles to an axis and to each other. */
function perpendicular(axis: Direction): readonly [Direction, Direction] {
  const other: Direction = Math.abs(axis[0]) < 0.6 ? [1, 0, 0] : [0, 1, 0];
  const u = normalised(crossOf(axis, other));
  return [u, crossOf(axis, u)];
}

export function crossOf(a: Direction, b: Direction): Direction {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
