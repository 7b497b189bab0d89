/** Rotations modulo a point group: the mate nearest to an anchor, and angles between classes of mates. */

import type { PointGroup } from "./point-group.ts";
import { angleBetweenRad, dot, multiplyInto } from "./quaternion.ts";

const scratch = new Float64Array(8);

/**
 * out = the mate g q nearest to the anchor, with the sign that makes <out, anchor> >= 0. out may be q itself.
 * @returns index g of the group element
 */
export function nearestMateInto(
  out: Float64Array,
  outOffset: number,
  q: Float64Array,
  qOffset: number,
  anchor: Float64Array,
  anchorOffset: number,
  group: PointGroup,
): number {
  let best = Number.NEGATIVE_INFINITY;
  let bestElement = 0;
  for (let g = 0; g < group.order; g++) {
    multiplyInto(scratch, 0, group.quaternions, 4 * g, q, qOffset);
    const cosine = dot(scratch, 0, anchor, anchorOffset);
    if (Math.abs(cosine) <= best) continue;
    best = Math.abs(cosine);
    bestElement = g;
    const sign = cosine < 0 ? -1 : 1;
    for (let i = 0; i < 4; i++) scratch[4 + i] = sign * scratch[i]!;
  }
  for (let i = 0; i < 4; i++) out[outOffset + i] = scratch[4 + i]!;
  return bestElement;
}

/** Smallest angle between a mate of p and q, in rad: the distance of two poses of a symmetric particle. */
export function symmetricAngleRad(
  p: Float64Array,
  pOffset: number,
  q: Float64Array,
  qOffset: number,
  group: PointGroup,
): number {
  const mate = new Float64Array(4);
  nearestMateInto(mate, 0, p, pOffset, q, qOffset, group);
  return angleBetweenRad(mate, 0, q, qOffset);
}
