/** Values on the sphere of directions, in Mollweide's projection, which keeps areas. */

import { colourOf, colourScaleBar, runsOf } from "./colour-scale.ts";
import { place, plotText } from "./plot-frame.ts";

export interface MollweidePlotOptions {
  readonly left: number;
  readonly top: number;
  /** Of the ellipse; it is half as high. A scale bar of 34 units lies below. */
  readonly width: number;
  /** Values of the ends of the colour scale. */
  readonly range: readonly [number, number];
  /** Text of the scale, e.g. "times uniform". */
  readonly unit: string;
}

const ROWS = 36;
const COLUMNS = 72;

/**
 * An SVG group: rot runs from -180° at the left to 180° at the right, tilt from 0 at the top to 180° at the bottom.
 *
 * @param valueAt  of a direction in rad; NaN leaves the place empty
 */
export function mollweidePlot(
  valueAt: (rotRad: number, tiltRad: number) => number,
  options: MollweidePlotOptions,
): string {
  const { left, top, width, range, unit } = options;
  const height = width / 2;
  const point = (rotRad: number, tiltRad: number) => {
    const theta = auxiliaryAngle(Math.PI / 2 - tiltRad);
    return [
      left + (width / 2) * (1 + (rotRad / Math.PI) * Math.cos(theta)),
      top + (height / 2) * (1 - Math.sin(theta)),
    ];
  };
  const parts: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    const [tilt0, tilt1] = [row, row + 1].map((r) => (Math.PI * r) / ROWS) as [number, number];
    const rotOf = (column: number) => (2 * Math.PI * column) / COLUMNS - Math.PI;
    const colours = Array.from({ length: COLUMNS }, (_, column) => {
      const value = valueAt(rotOf(column + 0.5), (tilt0 + tilt1) / 2);
      return Number.isNaN(value) ? null : colourOf(value, range);
    });
    // Neighbours of one colour are drawn as one: a line of equal tilt is straight here.
    for (const { first, end, colour } of runsOf(colours)) {
      const corners = [
        point(rotOf(first), tilt0),
        point(rotOf(end), tilt0),
        point(rotOf(end), tilt1),
        point(rotOf(first), tilt1),
      ];
      parts.push(
        `<polygon points="${corners.map(([x, y]) => `${place(x!)},${place(y!)}`).join(" ")}" fill="${colour}"/>`,
      );
    }
  }
  const [cx, cy] = [left + width / 2, top + height / 2];
  parts.push(
    `<ellipse cx="${cx}" cy="${cy}" rx="${width / 2}" ry="${height / 2}" fill="none" stroke="#444"/>`,
    plotText(left - 4, cy + 4, "−180°", "end"),
    plotText(left + width + 4, cy + 4, "rot 180°", "start"),
    plotText(cx, top - 5, "tilt 0°", "middle"),
    plotText(cx, top + height + 14, "tilt 180°", "middle"),
  );
  return `<g shape-rendering="crispEdges">${[...parts, colourScaleBar(left, top + height + 16, width, range, unit)].join("\n")}</g>`;
}

/** θ with 2θ + sin 2θ = π sin(latitude), by Newton's method. */
function auxiliaryAngle(latitudeRad: number): number {
  if (Math.abs(latitudeRad) > Math.PI / 2 - 1e-9) return Math.sign(latitudeRad) * (Math.PI / 2);
  let theta = latitudeRad;
  for (let step = 0; step < 20; step++) {
    const slope = 2 + 2 * Math.cos(2 * theta);
    const change = (2 * theta + Math.sin(2 * theta) - Math.PI * Math.sin(latitudeRad)) / slope;
    theta -= change;
    if (Math.abs(change) < 1e-12) break;
  }
  return theta;
}
