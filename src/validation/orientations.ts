/** Orientation distribution of a run: the figures and the picture. */

import { pointGroup } from "../geometry/point-group.ts";
import { mollweidePlot } from "../map/mollweide-plot.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";
import { type FourierSampling, measureSampling } from "./fourier-sampling.ts";
import { measureViewDensity, type ViewDensity } from "./view-density.ts";
import { type Views, withMates } from "./views.ts";

export interface Orientations {
  readonly count: number;
  readonly symmetry: string;
  readonly density: ViewDensity;
  readonly sampling: FourierSampling;
}

/** Views that enter the sampling figure, and those that are counted in the picture. */
const SAMPLING_VIEWS = 20_000;
const COUNTED_VIEWS = 5_000_000;
/** Radii outside these make the figure one of chance (large) or of the pixel grid (small). */
const RADIUS_RANGE = [8, 50] as const;

/** @param resolutionShell  what the map reaches: the sampling is judged there, between shells 8 and 50 */
export function measureOrientations(views: Views, symmetry: string, resolutionShell: number): Orientations {
  const group = pointGroup(symmetry);
  const radiusPx = Math.min(RADIUS_RANGE[1], Math.max(RADIUS_RANGE[0], Math.round(resolutionShell)));
  const few = withMates(views, group, SAMPLING_VIEWS);
  const many = withMates(views, group, COUNTED_VIEWS);
  return {
    count: views.count,
    symmetry: group.name,
    density: measureViewDensity(many.directions, many.weights),
    sampling: measureSampling(few.directions, few.weights, radiusPx),
  };
}

const MAP_WIDTH = 560;
const MAP_HEIGHT = MAP_WIDTH / 2;
const LEFT = PAGE_GAP + 46;

/** Two spheres: where the particles were seen from, and how well each direction of Fourier space is filled. */
export function orientationsPicture(found: Orientations): string {
  const { density, sampling } = found;
  const notes = [
    `${found.count} particles, ${found.symmetry}${found.symmetry === "C1" ? "" : " (with symmetry mates)"}, weighted with the probability that they are good.`,
    `Sampling compensation factor ${sampling.compensation.toFixed(3)} (uniform views: 1, side views only: 0.81), ` +
      `${(100 * sampling.unsampledShare).toFixed(1)} % of Fourier space unsampled at shell ${sampling.radiusPx}.`,
  ];
  const top = pageTop(notes.length);
  const second = top + 44 + MAP_HEIGHT + 96;
  const values = sampling.sampling;
  const highest = values.reduce((a, b) => Math.max(a, b), 1);
  const parts = [
    heading(top + 12, "View directions"),
    mollweidePlot(density.at, {
      left: LEFT,
      top: top + 44,
      width: MAP_WIDTH,
      range: [0, Math.max(2, density.largest)],
      unit: "× uniform",
    }),
    heading(second - 30, "Sampling of Fourier space"),
    mollweidePlot(nearestAxisValue(sampling.directions, values), {
      left: LEFT,
      top: second,
      width: MAP_WIDTH,
      range: [0, Math.max(1.5, Math.min(highest, 4))],
      unit: "× uniform",
    }),
  ];
  return svgPage(parts, {
    width: MAP_WIDTH + 2 * LEFT + 14,
    height: second + MAP_HEIGHT + 60,
    title: "Orientation distribution",
    notes,
  });
}

function heading(y: number, text: string): string {
  return `<text x="${PAGE_GAP}" y="${y}" font-weight="bold">${text}</text>`;
}

/**
 * Value of the axis nearest to a direction; an axis has no sign.
 *
 * @param axes  [3 × n] unit vectors
 */
export function nearestAxisValue(axes: Float64Array, values: ArrayLike<number>) {
  return (rotRad: number, tiltRad: number): number => {
    const [x, y, z] = [Math.sin(tiltRad) * Math.cos(rotRad), Math.sin(tiltRad) * Math.sin(rotRad), Math.cos(tiltRad)];
    let [best, at] = [-1, 0];
    for (let i = 0; i < values.length; i++) {
      const cosine = Math.abs(x * axes[3 * i]! + y * axes[3 * i + 1]! + z * axes[3 * i + 2]!);
      if (cosine > best) [best, at] = [cosine, i];
    }
    return values[at]!;
  };
}
