/** Central slices and sum projections of a map, as grey pictures. */

import { makeGreyPng } from "./png.ts";

export type Axis = "x" | "y" | "z";

/** Shares of pixels that are drawn black and white: a few outliers must not make the rest grey. */
const BLACK_SHARE = 0.005;
const WHITE_SHARE = 0.998;

/** What runs to the right and what upwards in a picture across an axis. */
export const PLANE_AXES: Readonly<Record<Axis, readonly [across: Axis, up: Axis]>> = {
  z: ["x", "y"],
  y: ["x", "z"],
  x: ["y", "z"],
};

/** [boxPx × boxPx] plane through the centre voxel, first axis to the right, second axis upwards (row 0 is the top). */
export function centralSlice(map: Float32Array, boxPx: number, axis: Axis): Float32Array {
  const centre = Math.floor(boxPx / 2);
  return plane(boxPx, axis, (x, y, z) => map[(z * boxPx + y) * boxPx + x]!, centre, centre + 1);
}

/** [boxPx × boxPx] sum along an axis, laid out as `centralSlice`. */
export function sumProjection(map: Float32Array, boxPx: number, axis: Axis): Float32Array {
  return plane(boxPx, axis, (x, y, z) => map[(z * boxPx + y) * boxPx + x]!, 0, boxPx);
}

function plane(
  boxPx: number,
  axis: Axis,
  at: (x: number, y: number, z: number) => number,
  first: number,
  end: number,
): Float32Array {
  const out = new Float32Array(boxPx * boxPx);
  for (let row = 0; row < boxPx; row++) {
    const up = boxPx - 1 - row;
    for (let across = 0; across < boxPx; across++) {
      let sum = 0;
      for (let depth = first; depth < end; depth++) {
        sum += axis === "z" ? at(across, up, depth) : axis === "y" ? at(across, depth, up) : at(depth, across, up);
      }
      out[row * boxPx + across] = sum;
    }
  }
  return out;
}

/** Values drawn black and white, from all planes together. */
export function greyRange(planes: readonly Float32Array[]): readonly [black: number, white: number] {
  const sorted = Float32Array.from(planes.flatMap((values) => [...values].filter(Number.isFinite))).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const black = at(BLACK_SHARE);
  const white = at(WHITE_SHARE);
  return white > black ? [black, white] : [black, black + 1];
}

/** A plane as the text of a data: URL. */
export function greyPngUrl(
  values: Float32Array,
  widthPx: number,
  [black, white]: readonly [black: number, white: number],
): string {
  // Uint8ClampedArray rounds and clamps; NaN becomes 0.
  const grey = Uint8ClampedArray.from(values, (value) => (255 * (value - black)) / (white - black));
  const png = makeGreyPng(new Uint8Array(grey.buffer), widthPx, values.length / widthPx);
  let binary = "";
  for (const byte of png) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}
