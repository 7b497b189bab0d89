/** A square grey picture of a map: its sums along z, y and x, and the central slice across z. */

import { expectMap } from "../map/map-shape.ts";

/** Shares of a panel's pixels that are drawn black and white. */
const BLACK_SHARE = 0.01;
const WHITE_SHARE = 0.999;

/**
 * @param map  [boxPx³]
 * @param edgePx  of the picture; each of the four panels is half of it
 * @returns [edgePx × edgePx] grey values, row by row from the top
 */
export function projectionPicture(map: Float32Array, boxPx: number, edgePx: number): Uint8Array {
  expectMap("projection picture", map, boxPx);
  const [alongZ, alongY, alongX, slice] = [0, 1, 2, 3].map(() => new Float32Array(boxPx * boxPx)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const centre = Math.floor(boxPx / 2);
  for (let z = 0, o = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      for (let x = 0; x < boxPx; x++, o++) {
        const value = map[o]!;
        // The second axis of a panel points upwards.
        alongZ[(boxPx - 1 - y) * boxPx + x]! += value;
        alongY[(boxPx - 1 - z) * boxPx + x]! += value;
        alongX[(boxPx - 1 - z) * boxPx + y]! += value;
        if (z === centre) slice[(boxPx - 1 - y) * boxPx + x] = value;
      }
    }
  }
  const picture = new Uint8Array(edgePx * edgePx);
  const half = Math.floor(edgePx / 2);
  [alongZ, alongY, alongX, slice].forEach((panel, i) => {
    drawPanel(picture, edgePx, panel, boxPx, (i % 2) * half, Math.floor(i / 2) * half, half);
  });
  return picture;
}

function drawPanel(
  picture: Uint8Array,
  edgePx: number,
  panel: Float32Array,
  boxPx: number,
  left: number,
  top: number,
  size: number,
): void {
  const sorted = panel.slice().sort();
  const black = sorted[Math.floor(BLACK_SHARE * (sorted.length - 1))]!;
  const white = sorted[Math.floor(WHITE_SHARE * (sorted.length - 1))]!;
  const range = white > black ? white - black : 1;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const value = bilinear(panel, boxPx, ((column + 0.5) * boxPx) / size - 0.5, ((row + 0.5) * boxPx) / size - 0.5);
      const grey = Math.round((255 * (value - black)) / range);
      picture[(top + row) * edgePx + left + column] = Math.min(255, Math.max(0, grey));
    }
  }
}

function bilinear(panel: Float32Array, boxPx: number, x: number, y: number): number {
  const clamp = (value: number) => Math.min(boxPx - 1, Math.max(0, value));
  const [x0, y0] = [Math.floor(clamp(x)), Math.floor(clamp(y))];
  const [x1, y1] = [clamp(x0 + 1), clamp(y0 + 1)];
  const [u, v] = [clamp(x) - x0, clamp(y) - y0];
  const at = (row: number, column: number) => panel[row * boxPx + column]!;
  return (1 - v) * ((1 - u) * at(y0, x0) + u * at(y0, x1)) + v * ((1 - u) * at(y1, x0) + u * at(y1, x1));
}
