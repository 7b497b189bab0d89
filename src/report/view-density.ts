import { healpixCount, makeHealpixDirections } from "../geometry/healpix.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import type { ViewNumbers } from "./run-numbers.ts";

/** Directions are few enough that each holds this many particles on average. */
const PER_DIRECTION = 5;
const LEAST_NSIDE = 4;
const MOST_NSIDE = 10;
/** Cells of the table that finds the nearest direction. */
const TABLE_ROWS = 180;
const TABLE_COLUMNS = 360;
/** Particles times mates that are counted. */
const MOST_VIEWS = 20_000_000;

/** How often each direction of view was seen, symmetry mates included. @param rotRad,tiltRad  [count] */
export function viewDensity(rotRad: ArrayLike<number>, tiltRad: ArrayLike<number>, group: PointGroup): ViewNumbers {
  const count = rotRad.length;
  const order = count * group.order <= MOST_VIEWS ? group.order : 1;
  const wanted = Math.round(Math.sqrt((count * order) / (12 * PER_DIRECTION)));
  const nside = Math.min(MOST_NSIDE, Math.max(LEAST_NSIDE, wanted));
  const nearest = nearestDirectionTable(nside);
  const counts = new Array<number>(healpixCount(nside)).fill(0);
  const { matrices } = group;
  for (let i = 0; i < count; i++) {
    const sine = Math.sin(tiltRad[i]!);
    const x = sine * Math.cos(rotRad[i]!);
    const y = sine * Math.sin(rotRad[i]!);
    const z = Math.cos(tiltRad[i]!);
    for (let g = 0; g < order; g++) {
      const m = 9 * g;
      const gx = matrices[m]! * x + matrices[m + 1]! * y + matrices[m + 2]! * z;
      const gy = matrices[m + 3]! * x + matrices[m + 4]! * y + matrices[m + 5]! * z;
      const gz = matrices[m + 6]! * x + matrices[m + 7]! * y + matrices[m + 8]! * z;
      counts[nearest(gx, gy, gz)]!++;
    }
  }
  const mean = (count * order) / counts.length;
  return {
    nside,
    counts,
    particleCount: count,
    emptyShare: counts.filter((n) => n < 0.1 * mean).length / counts.length,
    peak: mean > 0 ? Math.max(...counts) / mean : 0,
  };
}

/** Index of the nearest direction, by a table over colatitude and longitude: off by at most half a cell of 1°. */
function nearestDirectionTable(nside: number): (x: number, y: number, z: number) => number {
  const directions = makeHealpixDirections(nside);
  const vectors = new Float64Array((3 * directions.length) / 2);
  for (let d = 0; d < directions.length / 2; d++) {
    const sine = Math.sin(directions[2 * d + 1]!);
    vectors[3 * d] = sine * Math.cos(directions[2 * d]!);
    vectors[3 * d + 1] = sine * Math.sin(directions[2 * d]!);
    vectors[3 * d + 2] = Math.cos(directions[2 * d + 1]!);
  }
  const table = new Int32Array(TABLE_ROWS * TABLE_COLUMNS);
  for (let row = 0; row < TABLE_ROWS; row++) {
    const tilt = ((row + 0.5) * Math.PI) / TABLE_ROWS;
    const z = Math.cos(tilt);
    const sine = Math.sin(tilt);
    for (let column = 0; column < TABLE_COLUMNS; column++) {
      const angle = ((column + 0.5) * 2 * Math.PI) / TABLE_COLUMNS;
      table[row * TABLE_COLUMNS + column] = nearestTo(vectors, sine * Math.cos(angle), sine * Math.sin(angle), z);
    }
  }
  return (x, y, z) => {
    const row = Math.min(TABLE_ROWS - 1, Math.floor((Math.acos(Math.max(-1, Math.min(1, z))) * TABLE_ROWS) / Math.PI));
    const turn = Math.atan2(y, x) / (2 * Math.PI);
    const column = Math.min(TABLE_COLUMNS - 1, Math.floor((turn < 0 ? turn + 1 : turn) * TABLE_COLUMNS));
    return table[row * TABLE_COLUMNS + column]!;
  };
}

function nearestTo(vectors: Float64Array, x: number, y: number, z: number): number {
  let best = 0;
  let bestCosine = -2;
  for (let d = 0; d < vectors.length / 3; d++) {
    const cosine = vectors[3 * d]! * x + vectors[3 * d + 1]! * y + vectors[3 * d + 2]! * z;
    if (cosine <= bestCosine) continue;
    bestCosine = cosine;
    best = d;
  }
  return best;
}
