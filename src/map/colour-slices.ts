/** Central slices of a map of values (such as local resolution) in colour, where a mask says that there is something. */

import { colourOf, colourScaleBar, runsOf } from "./colour-scale.ts";
import { expectMap } from "./map-shape.ts";
import { place, plotText } from "./plot-frame.ts";

export interface ColourSlicesOptions {
  readonly boxPx: number;
  readonly left: number;
  readonly top: number;
  /** Edge of each of the three panels, and the room between them. */
  readonly panel: number;
  readonly gap: number;
  readonly range: readonly [number, number];
  readonly unit: string;
}

/** Squares along an edge: finer ones would only make the file larger. */
const LARGEST_CELLS = 72;

/**
 * An SVG group: slices across z, y and x through the centre, the second axis upwards, a scale below.
 *
 * @param values,mask  [boxPx³]
 */
export function mapSlicesInColour(values: Float32Array, mask: Float32Array, options: ColourSlicesOptions): string {
  const { boxPx, left, top, panel, gap, range, unit } = options;
  expectMap("colour slices: values", values, boxPx);
  expectMap("colour slices: mask", mask, boxPx);
  const centre = Math.floor(boxPx / 2);
  const cells = Math.min(boxPx, LARGEST_CELLS);
  const size = panel / cells;
  const at = (index: number) => Math.min(boxPx - 1, Math.floor(((index + 0.5) * boxPx) / cells));
  const parts = (["z", "y", "x"] as const).flatMap((axis, i) => {
    const panelLeft = left + i * (panel + gap);
    const squares: string[] = [];
    for (let row = 0; row < cells; row++) {
      const colours = Array.from({ length: cells }, (_, column) => {
        const [across, up] = [at(column), at(cells - 1 - row)];
        const [x, y, z] =
          axis === "z" ? [across, up, centre] : axis === "y" ? [across, centre, up] : [centre, across, up];
        const o = (z * boxPx + y) * boxPx + x;
        return mask[o]! < 0.5 ? null : colourOf(values[o]!, range);
      });
      for (const { first, end, colour } of runsOf(colours)) {
        squares.push(
          `<rect x="${place(panelLeft + first * size)}" y="${place(top + row * size)}" width="${place((end - first) * size)}" ` +
            `height="${place(size + 0.15)}" fill="${colour}"/>`,
        );
      }
    }
    return [
      `<rect x="${place(panelLeft)}" y="${top}" width="${place(panel)}" height="${place(panel)}" fill="#f4f4f4" stroke="#444"/>`,
      ...squares,
      plotText(panelLeft, top + panel + 16, `central slice across ${axis}`, "start"),
    ];
  });
  parts.push(colourScaleBar(left, top + panel + 24, 3 * panel + 2 * gap, range, unit));
  return `<g shape-rendering="crispEdges">${parts.join("\n")}</g>`;
}
