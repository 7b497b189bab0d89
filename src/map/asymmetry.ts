import type { PointGroup } from "../geometry/point-group.ts";
import { applyMaskInto } from "./masks.ts";
import { rotateMap } from "./rotate-map.ts";

/**
 * What a map has beyond a symmetry: the map less its mean over the group, inside a mask with that symmetry.
 *
 * @param map,mask  [boxPx³]
 * @returns [boxPx³]; fresh array
 */
export function asymmetricPart(map: Float32Array, boxPx: number, group: PointGroup, mask: Float32Array): Float32Array {
  const out = applyMaskInto(new Float32Array(map.length), map, mask);
  const masked = out.slice();
  for (let g = 0; g < group.order; g++) {
    const turned = rotateMap(masked, boxPx, group.matrices.subarray(9 * g, 9 * g + 9), [0, 0, 0]);
    for (let i = 0; i < out.length; i++) out[i]! -= turned[i]! / group.order;
  }
  return out;
}
