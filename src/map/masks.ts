/** Soft round masks, centred on voxel floor(boxPx/2). */

import { expectLength, expectRange } from "../core/checks.ts";
import { softEdge } from "./soft-edge.ts";

/** Width of the cosine edge; it lies outside the radius, so the particle within is untouched. */
export const DEFAULT_EDGE_PX = 6;

/**
 * Sphere: 1 within radiusPx, a cosine edge of edgePx outwards, 0 beyond.
 *
 * @param out  [boxPx³], overwritten
 */
export function sphereMaskInto(
  out: Float32Array,
  boxPx: number,
  radiusPx: number,
  edgePx: number = DEFAULT_EDGE_PX,
): Float32Array {
  expectLength("sphere mask", out, boxPx ** 3);
  return sphereMaskPlanesInto(out, boxPx, radiusPx, edgePx, 0);
}

/** The planes from `firstPlane` on of the same mask: out is [planes × boxPx × boxPx]. */
export function sphereMaskPlanesInto(
  out: Float32Array,
  boxPx: number,
  radiusPx: number,
  edgePx: number,
  firstPlane: number,
): Float32Array {
  expectRange("sphere mask: radiusPx", radiusPx, 0, boxPx);
  expectRange("sphere mask: edgePx", edgePx, 0, boxPx);
  const centre = Math.floor(boxPx / 2);
  for (let z = firstPlane, o = 0; o < out.length; z++) {
    for (let y = 0; y < boxPx; y++) {
      const square = (z - centre) ** 2 + (y - centre) ** 2;
      for (let x = 0; x < boxPx; x++, o++) {
        out[o] = softEdge(Math.sqrt(square + (x - centre) ** 2) - radiusPx, edgePx);
      }
    }
  }
  return out;
}

/** Circle for images: as `sphereMaskInto`, out is [boxPx²]. */
export function circleMaskInto(
  out: Float32Array,
  boxPx: number,
  radiusPx: number,
  edgePx: number = DEFAULT_EDGE_PX,
): Float32Array {
  expectLength("circle mask", out, boxPx ** 2);
  expectRange("circle mask: radiusPx", radiusPx, 0, boxPx);
  expectRange("circle mask: edgePx", edgePx, 0, boxPx);
  const centre = Math.floor(boxPx / 2);
  for (let y = 0, o = 0; y < boxPx; y++) {
    for (let x = 0; x < boxPx; x++, o++) {
      out[o] = softEdge(Math.hypot(x - centre, y - centre) - radiusPx, edgePx);
    }
  }
  return out;
}

/** map × mask, both [n]; out may be map. */
export function applyMaskInto(out: Float32Array, map: Float32Array, mask: Float32Array): Float32Array {
  expectLength("mask: map", map, mask.length);
  expectLength("mask: out", out, mask.length);
  for (let i = 0; i < out.length; i++) out[i] = map[i]! * mask[i]!;
  return out;
}
