import { ShapeError } from "../core/errors.ts";
import { halfLength } from "../geometry/shells.ts";

/** Throws ShapeError unless `map` is a cubic real map [boxPx³]. */
export function expectMap(where: string, map: Float32Array, boxPx: number): void {
  if (map.length === boxPx ** 3) return;
  throw new ShapeError(where, { expected: [boxPx, boxPx, boxPx], actual: `${map.length} values` });
}

/** Throws ShapeError unless `transform` is the interleaved half-complex transform of a map of boxPx. */
export function expectTransform(where: string, transform: Float32Array, boxPx: number): void {
  if (transform.length === 2 * boxPx * boxPx * halfLength(boxPx)) return;
  throw new ShapeError(where, {
    expected: [boxPx, boxPx, halfLength(boxPx), 2],
    actual: `${transform.length} values`,
    remedy: "Pass the output of the forward 3D transform, not the map.",
  });
}
