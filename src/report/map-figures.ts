import { makeHealpixDirections } from "../geometry/healpix.ts";
import { escapeText } from "../map/svg-text.ts";
import { figureSvg, PLOT_AREA, PLOT_HEIGHT, PLOT_WIDTH, roundTicks } from "./plot.ts";
import type { ShiftNumbers, ViewNumbers } from "./run-numbers.ts";

/** Steps of the colour scale: classes d0 … d8 of the style sheet. */
const SCALE_STEPS = 9;

/** Directions of view on a Mollweide (equal-area) map of the sphere: z up, rot to the right. */
export function viewsFigure({ nside, counts }: ViewNumbers): string {
  const directions = makeHealpixDirections(nside);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const [centreX, centreY, radius] = [PLOT_WIDTH / 2, 122, 106];
  // Discs as large as a direction's share of the map, so that they just touch.
  const dot = (0.44 * radius) / nside;
  const dots = counts.map((count, d) => {
    const [x, y] = mollweide(directions[2 * d]!, Math.PI / 2 - directions[2 * d + 1]!);
    const step = mean > 0 ? Math.min(SCALE_STEPS - 1, Math.floor((count / mean) * 3)) : 0;
    const title = `rot ${degrees(directions[2 * d]!)}, tilt ${degrees(directions[2 * d + 1]!)}: ${count}`;
    return `<circle class="d${step}" cx="${(centreX + radius * x).toFixed(1)}" cy="${(centreY - radius * y).toFixed(1)}" r="${dot.toFixed(2)}"><title>${title}</title></circle>`;
  });
  const outline = `<ellipse class="outline" cx="${centreX}" cy="${centreY}" rx="${2 * radius + dot + 2}" ry="${radius + dot + 2}"/>`;
  return figureSvg(
    "Directions of view on the sphere",
    PLOT_WIDTH,
    PLOT_HEIGHT - 10,
    `${outline}${dots.join("")}${scaleBar(centreX - 108, 258, "none", "the mean", "3 × and more")}`,
  );
}

function degrees(rad: number): string {
  return `${((rad * 180) / Math.PI).toFixed(0)}°`;
}

/** x from −2 to 2, y from −1 to 1 (Snyder 1987, Map projections, eqs 31-1 to 31-3). */
function mollweide(longitudeRad: number, latitudeRad: number): readonly [x: number, y: number] {
  const longitude = longitudeRad > Math.PI ? longitudeRad - 2 * Math.PI : longitudeRad;
  let theta = latitudeRad;
  for (let i = 0; i < 20; i++) {
    const slope = 2 + 2 * Math.cos(2 * theta);
    // At the poles the iteration is already where it should be.
    if (Math.abs(slope) < 1e-9) break;
    theta -= (2 * theta + Math.sin(2 * theta) - Math.PI * Math.sin(latitudeRad)) / slope;
  }
  return [(2 * longitude * Math.cos(theta)) / Math.PI, Math.sin(theta)];
}

/** Shifts as a density over the image plane. */
export function shiftsFigure({ limitA, side, counts }: ShiftNumbers): string {
  const size = PLOT_AREA.height;
  const left = (PLOT_WIDTH - size) / 2;
  const { top } = PLOT_AREA;
  const cell = size / side;
  const most = Math.max(1, ...counts);
  const cells = counts.flatMap((count, i) => {
    if (count === 0) return [];
    // The square root shows the rim beside a sharp middle.
    const step = Math.min(SCALE_STEPS - 1, Math.max(1, Math.ceil((SCALE_STEPS - 1) * Math.sqrt(count / most))));
    const x = left + (i % side) * cell;
    const y = top + (side - 1 - Math.floor(i / side)) * cell;
    return `<rect class="d${step}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(cell + 0.1).toFixed(1)}" height="${(cell + 0.1).toFixed(1)}"/>`;
  });
  const at = (value: number): number => ((value + limitA) / (2 * limitA)) * size;
  const ticks = roundTicks(-limitA, limitA, 4);
  const marks = ticks.flatMap(({ at: value, text }) => [
    `<line class="axis" x1="${(left + at(value)).toFixed(1)}" x2="${(left + at(value)).toFixed(1)}" y1="${top + size}" y2="${top + size + 5}"/>`,
    `<text class="tick-x" x="${(left + at(value)).toFixed(1)}" y="${top + size + 19}">${escapeText(text)}</text>`,
    `<line class="axis" x1="${left - 5}" x2="${left}" y1="${(top + size - at(value)).toFixed(1)}" y2="${(top + size - at(value)).toFixed(1)}"/>`,
    `<text class="tick-y" x="${left - 9}" y="${(top + size - at(value) + 4).toFixed(1)}">${escapeText(text)}</text>`,
  ]);
  const frame = `<rect class="outline" x="${left}" y="${top}" width="${size}" height="${size}"/>`;
  const labels =
    `<text class="label" x="${left + size / 2}" y="${PLOT_HEIGHT - 8}">x (Å)</text>` +
    `<text class="label" transform="translate(${left - 46} ${top + size / 2}) rotate(-90)">y (Å)</text>`;
  return figureSvg(
    "Shifts of the particles",
    PLOT_WIDTH,
    PLOT_HEIGHT,
    `${cells.join("")}${frame}${marks.join("")}${labels}`,
  );
}

function scaleBar(left: number, top: number, low: string, middle: string, high: string): string {
  const wide = 24;
  const cells = Array.from(
    { length: SCALE_STEPS },
    (_, i) => `<rect class="d${i}" x="${left + i * wide}" y="${top}" width="${wide}" height="8"/>`,
  );
  const text = (x: number, words: string) => `<text class="scale" x="${x}" y="${top + 22}">${escapeText(words)}</text>`;
  return cells.join("") + text(left + wide / 2, low) + text(left + 3.5 * wide, middle) + text(left + 8 * wide, high);
}
