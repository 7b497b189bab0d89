/** One SVG: the central slices of a map along its three axes and its FSC curves. Needs nothing but the file itself. */

import { expectPositive } from "../core/checks.ts";
import { type FscCurve, fscPlot } from "./fsc-plot.ts";
import { expectMap } from "./map-shape.ts";
import { makeGreyPng } from "./png.ts";
import { escapeText } from "./svg-text.ts";

export interface SlicesPictureOptions {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** First line of the picture. */
  readonly title: string;
  /** Second line, smaller: what the numbers mean. */
  readonly subtitle?: string;
  readonly curves: readonly FscCurve[];
}

const PANEL = 256;
const GAP = 18;
const PLOT_HEIGHT = 300;
const TITLE_HEIGHT = 62;
const CAPTION_HEIGHT = 26;
/** Shares of voxels that are drawn black and white: a few outliers must not make the rest grey. */
const BLACK_SHARE = 0.005;
const WHITE_SHARE = 0.998;
/** Lengths that a scale bar may have, Å. */
const BARS_A = [5, 10, 20, 50, 100, 200, 500];

type Axis = "x" | "y" | "z";

/** @param map  [boxPx³], protein bright */
export function slicesPicture(map: Float32Array, options: SlicesPictureOptions): string {
  const { boxPx, pixelSizeA, title, subtitle, curves } = options;
  expectMap("picture: map", map, boxPx);
  expectPositive("picture: pixelSizeA", pixelSizeA);
  const width = 3 * PANEL + 4 * GAP;
  const plotTop = TITLE_HEIGHT + PANEL + CAPTION_HEIGHT + GAP;
  const height = curves.length > 0 ? plotTop + PLOT_HEIGHT + GAP : plotTop;
  const slices = (["z", "y", "x"] as const).map((axis) => centralSlice(map, boxPx, axis));
  const range = greyRange(slices);
  const plot =
    curves.length > 0
      ? fscPlot(curves, { boxPx, pixelSizeA, left: GAP, top: plotTop, width: width - 2 * GAP, height: PLOT_HEIGHT })
      : "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${GAP}" y="30" font-size="18" font-weight="bold">${escapeText(title)}</text>`,
    `<text x="${GAP}" y="50" fill="#555">${escapeText(subtitle ?? "")}</text>`,
    ...(["z", "y", "x"] as const).map((axis, i) =>
      panel(axis, slices[i]!, range, boxPx, pixelSizeA, GAP + i * (PANEL + GAP), TITLE_HEIGHT),
    ),
    plot,
    "</svg>",
    "",
  ].join("\n");
}

const CAPTIONS: Readonly<Record<Axis, readonly [across: string, up: string]>> = {
  z: ["x", "y"],
  y: ["x", "z"],
  x: ["y", "z"],
};

/** [boxPx × boxPx] plane through the centre voxel, first axis to the right, second axis upwards (row 0 is the top). */
function centralSlice(map: Float32Array, boxPx: number, axis: Axis): Float32Array {
  const centre = Math.floor(boxPx / 2);
  const slice = new Float32Array(boxPx * boxPx);
  for (let row = 0; row < boxPx; row++) {
    const up = boxPx - 1 - row;
    for (let across = 0; across < boxPx; across++) {
      const [x, y, z] =
        axis === "z" ? [across, up, centre] : axis === "y" ? [across, centre, up] : [centre, across, up];
      slice[row * boxPx + across] = map[(z * boxPx + y) * boxPx + x]!;
    }
  }
  return slice;
}

function greyRange(slices: readonly Float32Array[]): readonly [black: number, white: number] {
  const sorted = Float32Array.from(slices.flatMap((slice) => [...slice].filter(Number.isFinite))).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const black = at(BLACK_SHARE);
  const white = at(WHITE_SHARE);
  return white > black ? [black, white] : [black, black + 1];
}

function panel(
  axis: Axis,
  slice: Float32Array,
  [black, white]: readonly [number, number],
  boxPx: number,
  pixelSizeA: number,
  left: number,
  top: number,
): string {
  // Uint8ClampedArray rounds and clamps; NaN becomes 0.
  const grey = new Uint8Array(
    Uint8ClampedArray.from(slice, (value) => (255 * (value - black)) / (white - black)).buffer,
  );
  const png = base64(makeGreyPng(grey, boxPx, boxPx));
  const barA = BARS_A.findLast((lengthA) => lengthA <= 0.3 * boxPx * pixelSizeA) ?? BARS_A[0]!;
  const bar = (PANEL * barA) / (boxPx * pixelSizeA);
  const [across, up] = CAPTIONS[axis];
  const barTop = top + PANEL - 12;
  return [
    `<image x="${left}" y="${top}" width="${PANEL}" height="${PANEL}" href="data:image/png;base64,${png}"/>`,
    `<rect x="${left}" y="${top}" width="${PANEL}" height="${PANEL}" fill="none" stroke="#444"/>`,
    `<rect x="${left + 9}" y="${barTop}" width="${bar.toFixed(1)}" height="4" fill="#fff" stroke="#000" stroke-width="0.5"/>`,
    `<text x="${left + 9}" y="${barTop - 5}" fill="#fff" stroke="#000" stroke-width="2.5" paint-order="stroke">${barA} Å</text>`,
    `<text x="${left}" y="${top + PANEL + 17}">central slice across ${axis} (${across} → right, ${up} ↑)</text>`,
  ].join("\n");
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
