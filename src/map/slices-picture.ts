/** One SVG: the central slices of a map along its three axes and its FSC curves. Needs nothing but the file itself. */

import { expectPositive } from "../core/checks.ts";
import { type FscCurve, fscPlot } from "./fsc-plot.ts";
import { expectMap } from "./map-shape.ts";
import { type Axis, centralSlice, greyPngUrl, greyRange, PLANE_AXES } from "./planes.ts";
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
/** Lengths that a scale bar may have, Å. */
const BARS_A = [5, 10, 20, 50, 100, 200, 500];

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

function panel(
  axis: Axis,
  slice: Float32Array,
  range: readonly [number, number],
  boxPx: number,
  pixelSizeA: number,
  left: number,
  top: number,
): string {
  const url = greyPngUrl(slice, boxPx, range);
  const barA = BARS_A.findLast((lengthA) => lengthA <= 0.3 * boxPx * pixelSizeA) ?? BARS_A[0]!;
  const bar = (PANEL * barA) / (boxPx * pixelSizeA);
  const [across, up] = PLANE_AXES[axis];
  const barTop = top + PANEL - 12;
  return [
    `<image x="${left}" y="${top}" width="${PANEL}" height="${PANEL}" href="${url}"/>`,
    `<rect x="${left}" y="${top}" width="${PANEL}" height="${PANEL}" fill="none" stroke="#444"/>`,
    `<rect x="${left + 9}" y="${barTop}" width="${bar.toFixed(1)}" height="4" fill="#fff" stroke="#000" stroke-width="0.5"/>`,
    `<text x="${left + 9}" y="${barTop - 5}" fill="#fff" stroke="#000" stroke-width="2.5" paint-order="stroke">${barA} Å</text>`,
    `<text x="${left}" y="${top + PANEL + 17}">central slice across ${axis} (${across} → right, ${up} ↑)</text>`,
  ].join("\n");
}
