/** Poses that a pseudo-symmetric particle cannot be told apart in at a glance: the mates of a group under a subgroup. */

import { UsageError } from "../core/errors.ts";
import type { PointGroup } from "./point-group.ts";
import { dot, multiplyInto } from "./quaternion.ts";

/** Two elements nearer than this (1 − |<p, q>|) are one: PointGroup's own elements are at least 4e-5 apart. */
const SAME = 1e-8;

/** Mates g R of a pose R under `group` that are different poses of a particle whose own symmetry is `subgroup`. */
export interface Mates {
  readonly group: PointGroup;
  readonly subgroup: PointGroup;
  /** Order of the group over that of the subgroup. */
  readonly count: number;
  /** [count × 4] one element of each coset of the subgroup, the identity first. */
  readonly quaternions: Float64Array;
}

/** Throws UsageError when an element of `subgroup` is none of `group`: the axes must coincide. */
export function matesOf(group: PointGroup, subgroup: PointGroup): Mates {
  for (let h = 0; h < subgroup.order; h++) {
    if (indexOf(group.quaternions, subgroup.quaternions, 4 * h) < 0) {
      throw new UsageError(
        `symmetry: expected a subgroup of ${group.name} on the same axes, got ${subgroup.name}. Give C1, or a group whose every rotation is one of ${group.name}.`,
      );
    }
  }
  const kept: number[] = [];
  const product = new Float64Array(4);
  for (let g = 0; g < group.order; g++) {
    const chosen = Float64Array.from(kept);
    let isNew = true;
    for (let h = 0; h < subgroup.order && isNew; h++) {
      multiplyInto(product, 0, subgroup.quaternions, 4 * h, group.quaternions, 4 * g);
      isNew = indexOf(chosen, product, 0) < 0;
    }
    if (isNew) kept.push(...group.quaternions.subarray(4 * g, 4 * g + 4));
  }
  return { group, subgroup, count: kept.length / 4, quaternions: Float64Array.from(kept) };
}

/** Which mate g of `anchor` lies nearest to q, up to the subgroup: 0 … count − 1. */
export function nearestMate(
  mates: Mates,
  anchor: Float64Array,
  anchorOffset: number,
  q: Float64Array,
  qOffset: number,
): number {
  const mate = new Float64Array(4);
  let best = -1;
  let nearest = 0;
  for (let g = 0; g < mates.count; g++) {
    for (let h = 0; h < mates.subgroup.order; h++) {
      multiplyInto(mate, 0, mates.quaternions, 4 * g, anchor, anchorOffset);
      multiplyInto(mate, 0, mates.subgroup.quaternions, 4 * h, mate, 0);
      const cosine = Math.abs(dot(mate, 0, q, qOffset));
      if (cosine <= best) continue;
      best = cosine;
      nearest = g;
    }
  }
  return nearest;
}

function indexOf(elements: Float64Array, q: Float64Array, qOffset: number): number {
  for (let g = 0; g < elements.length / 4; g++) {
    if (Math.abs(dot(elements, 4 * g, q, qOffset)) > 1 - SAME) return g;
  }
  return -1;
}
