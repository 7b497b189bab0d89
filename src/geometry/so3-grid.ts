/**
 * A grid on SO(3): HEALPix view directions × in-plane angles, rotated as a whole, reduced to one asymmetric unit.
 *
 * The grid stays a product (every view has the same number of in-plane angles, stored together), so a reduction by
 * symmetry chooses views: a view v is kept where it is the nearest of its mates to a fixed direction inside the unit.
 * That is one exact copy of SO(3)/G, because G acts on the volume side and a view in general position has no
 * stabiliser. Every point stands for the same volume, 8π²/(|G| count).
 */

import { UsageError } from "../core/errors.ts";
import { eulerToQuaternionInto } from "./euler.ts";
import { HEALPIX_SIDE_RAD, makeHealpixDirections } from "./healpix.ts";
import type { PointGroup } from "./point-group.ts";
import { multiplyInto } from "./quaternion.ts";

export interface RotationGridOptions {
  /** Wanted distance of neighbouring points, rad. */
  readonly stepRad: number;
  /** Unit quaternion that turns the whole grid (random each round). Default: none. */
  readonly turn?: Float64Array;
  /** Default: no symmetry. */
  readonly group?: PointGroup;
}

export interface RotationGrid {
  /** viewCount × inPlaneCount. */
  readonly count: number;
  readonly viewCount: number;
  readonly inPlaneCount: number;
  /** Angle between neighbouring in-plane angles of one view, rad. */
  readonly inPlaneStepRad: number;
  /** Side of a view's pixel, rad. */
  readonly viewStepRad: number;
  /** [count × 4], view by view; within a view the in-plane angle grows by inPlaneStepRad. */
  readonly quaternions: Float64Array;
}

/** Fraction of the golden ratio: neighbouring views get in-plane offsets that fill one step evenly. */
const GOLDEN_FRACTION = (Math.sqrt(5) - 1) / 2;

/** [count × 4] unit quaternions of `makeViewGrid`. */
export function makeRotationGrid(options: RotationGridOptions): Float64Array {
  return makeViewGrid(options).quaternions;
}

export function makeViewGrid({ stepRad, turn, group }: RotationGridOptions): RotationGrid {
  if (!(stepRad > 0 && stepRad <= Math.PI)) {
    throw new UsageError(`rotation grid: stepRad must lie in (0, π], got ${stepRad}.`);
  }
  const nside = Math.max(1, Math.round(HEALPIX_SIDE_RAD / stepRad));
  const inPlaneCount = Math.max(1, Math.round((2 * Math.PI) / stepRad));
  const inPlaneStepRad = (2 * Math.PI) / inPlaneCount;
  const directions = makeHealpixDirections(nside);
  const isKept = group && group.order > 1 ? unitTest(group) : () => true;
  const views: number[] = [];
  const offsetRad: number[] = [];
  const q = new Float64Array(4);
  for (let pixel = 0; pixel < directions.length / 2; pixel++) {
    eulerToQuaternionInto(q, 0, directions[2 * pixel]!, directions[2 * pixel + 1]!, 0);
    if (turn) multiplyInto(q, 0, turn, 0, q, 0);
    if (!isKept(viewOf(q))) continue;
    views.push(q[0]!, q[1]!, q[2]!, q[3]!);
    offsetRad.push(inPlaneStepRad * ((pixel * GOLDEN_FRACTION) % 1));
  }
  const viewCount = offsetRad.length;
  const count = viewCount * inPlaneCount;
  const quaternions = new Float64Array(4 * count);
  const viewQuaternions = Float64Array.from(views);
  for (let view = 0, o = 0; view < viewCount; view++) {
    for (let i = 0; i < inPlaneCount; i++, o += 4) {
      eulerToQuaternionInto(q, 0, 0, 0, offsetRad[view]! + i * inPlaneStepRad);
      multiplyInto(quaternions, o, viewQuaternions, 4 * view, q, 0);
    }
  }
  return { count, viewCount, inPlaneCount, inPlaneStepRad, viewStepRad: HEALPIX_SIDE_RAD / nside, quaternions };
}

type Direction = readonly [x: number, y: number, z: number];

/** View direction R (0,0,1) of a quaternion. */
function viewOf(q: Float64Array): Direction {
  const [w, x, y, z] = q as unknown as readonly [number, number, number, number];
  return [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
}

/** Tells whether a view is the one of its mates that lies in the asymmetric unit around `unitCentre(group)`. */
function unitTest(group: PointGroup): (view: Direction) => boolean {
  const centre = unitCentre(group);
  // <v, c> >= <g v, c> for all g, written as <v, c - g⁻¹c> >= 0: the faces of the unit.
  const faces: Direction[] = [];
  for (let g = 1; g < group.order; g++) {
    const mate = applyTranspose(group.matrices, 9 * g, centre);
    faces.push([centre[0] - mate[0], centre[1] - mate[1], centre[2] - mate[2]]);
  }
  return (view) => faces.every((face) => view[0] * face[0] + view[1] * face[1] + view[2] * face[2] >= 0);
}

/** The direction farthest from its own mates, of 768: the unit around it is as round as it can be. */
function unitCentre(group: PointGroup): Direction {
  const directions = makeHealpixDirections(8);
  let best: Direction = [0, 0, 1];
  let bestCosine = Number.POSITIVE_INFINITY;
  for (let pixel = 0; pixel < directions.length / 2; pixel++) {
    const sine = Math.sin(directions[2 * pixel + 1]!);
    const candidate: Direction = [
      sine * Math.cos(directions[2 * pixel]!),
      sine * Math.sin(directions[2 * pixel]!),
      Math.cos(directions[2 * pixel + 1]!),
    ];
    let cosine = Number.NEGATIVE_INFINITY;
    for (let g = 1; g < group.order; g++) {
      const mate = applyTranspose(group.matrices, 9 * g, candidate);
      cosine = Math.max(cosine, candidate[0] * mate[0] + candidate[1] * mate[1] + candidate[2] * mate[2]);
    }
    // The margin makes the choice among symmetry-related candidates independent of rounding.
    if (cosine < bestCosine - 1e-9) {
      bestCosine = cosine;
      best = candidate;
    }
  }
  return best;
}

function applyTranspose(matrices: Float64Array, offset: number, v: Direction): Direction {
  const m = (row: number, column: number) => matrices[offset + 3 * row + column]!;
  return [
    m(0, 0) * v[0] + m(1, 0) * v[1] + m(2, 0) * v[2],
    m(0, 1) * v[0] + m(1, 1) * v[1] + m(2, 1) * v[2],
    m(0, 2) * v[0] + m(1, 2) * v[1] + m(2, 2) * v[2],
  ];
}
