import type { PointGroup } from "./point-group.ts";
import { multiplyInto } from "./quaternion.ts";
import type { RotationGrid } from "./so3-grid.ts";

/** The points of a finer grid that lie nearest to each point of a coarser one: rows of a compressed list. */
export interface GridChildren {
  /** [coarse count + 1] */
  readonly start: Int32Array;
  /** [fine count], ascending within a row. */
  readonly child: Int32Array;
}

/** Coarse views looked at for each fine one: the nearest of them all, and as many more as can win by their in-plane angle. */
const NEAR_VIEWS = 4;

/**
 * Gives every point of `fine` to the nearest point of `coarse` (or of its symmetry mates). With r = q_c⁻¹ q_f of the first points of two
 * views, the angle between points i and j in the plane has cos(angle/2) = √(w² + z²) |cos((i step_f + 2 atan2(z, w) − j step_c)/2)|.
 */
export function childrenOf(coarse: RotationGrid, fine: RotationGrid, group: PointGroup): GridChildren {
  const parent = new Int32Array(fine.count);
  const mates = viewMates(coarse, group);
  for (let view = 0; view < fine.viewCount; view++) {
    const near = nearViews(mates, fine.quaternions, 4 * view * fine.inPlaneCount);
    for (let i = 0; i < fine.inPlaneCount; i++) {
      let best = -1;
      for (const { mate, turnRad, cosine } of near) {
        const wantedRad = i * fine.inPlaneStepRad + turnRad;
        const j = Math.round(wantedRad / coarse.inPlaneStepRad);
        const closeness = cosine * Math.abs(Math.cos((wantedRad - j * coarse.inPlaneStepRad) / 2));
        if (closeness <= best) continue;
        best = closeness;
        const inPlane = ((j % coarse.inPlaneCount) + coarse.inPlaneCount) % coarse.inPlaneCount;
        parent[view * fine.inPlaneCount + i] = (mate % coarse.viewCount) * coarse.inPlaneCount + inPlane;
      }
    }
  }
  return rowsOf(parent, coarse.count);
}

/** [order × viewCount][4]: conjugates of g q of the first point of every view, mate by mate. */
function viewMates(coarse: RotationGrid, group: PointGroup): Float64Array {
  const mates = new Float64Array(4 * group.order * coarse.viewCount);
  const q = new Float64Array(4);
  for (let g = 0; g < group.order; g++) {
    for (let view = 0; view < coarse.viewCount; view++) {
      multiplyInto(q, 0, group.quaternions, 4 * g, coarse.quaternions, 4 * view * coarse.inPlaneCount);
      mates.set([q[0]!, -q[1]!, -q[2]!, -q[3]!], 4 * (g * coarse.viewCount + view));
    }
  }
  return mates;
}

interface NearView {
  readonly mate: number;
  readonly cosine: number;
  readonly turnRad: number;
}

function nearViews(mates: Float64Array, quaternions: Float64Array, at: number): NearView[] {
  const near: NearView[] = [];
  const [qw, qx, qy, qz] = quaternions.subarray(at, at + 4) as unknown as [number, number, number, number];
  let least = -1;
  for (let mate = 0; mate < mates.length / 4; mate++) {
    const m = 4 * mate;
    // w and z of the product, its x and y being what is left of unity.
    const w = mates[m]! * qw - mates[m + 1]! * qx - mates[m + 2]! * qy - mates[m + 3]! * qz;
    const z = mates[m]! * qz + mates[m + 1]! * qy - mates[m + 2]! * qx + mates[m + 3]! * qw;
    if (w * w + z * z <= least) continue;
    near.push({ mate, cosine: Math.sqrt(w * w + z * z), turnRad: 2 * Math.atan2(z, w) });
    near.sort((a, b) => b.cosine - a.cosine);
    if (near.length < NEAR_VIEWS) continue;
    near.length = NEAR_VIEWS;
    least = near[NEAR_VIEWS - 1]!.cosine ** 2;
  }
  return near;
}

function rowsOf(parent: Int32Array, parentCount: number): GridChildren {
  const start = new Int32Array(parentCount + 1);
  for (const p of parent) start[p + 1]!++;
  for (let p = 0; p < parentCount; p++) start[p + 1]! += start[p]!;
  const next = start.slice();
  const child = new Int32Array(parent.length);
  parent.forEach((p, fine) => {
    child[next[p]!++] = fine;
  });
  return { start, child };
}
