/** How unequal the resolution is in different directions, in one figure and per direction. */

import { makeHealpixDirections } from "../geometry/healpix.ts";
import { correctForMask } from "./corrected-fsc.ts";
import { type ConeCurve, conicalFsc, type DirectionalSums } from "./directional-fsc.ts";
import { HALF_MAP_THRESHOLD, resolutionAt } from "./resolution.ts";

export interface Anisotropy {
  /** [n × 3] axes of the cones, half a sphere of them. */
  readonly axes: Float64Array;
  readonly halfAngleDeg: number;
  readonly threshold: number;
  /** Per axis [shell]: FSC in its cone, corrected for the mask, mean of three shells. */
  readonly curves: readonly Float64Array[];
  /** Per axis: Å at the threshold. */
  readonly resolutionA: Float64Array;
  /** Per axis: area under the curve up to the threshold, in shells. */
  readonly area: Float64Array;
  /** Smallest area / largest area, 0..1: 1 is isotropic, below 0.5 views are missing. */
  readonly areaRatio: number;
}

export const CONE_HALF_ANGLE_DEG = 20;
/** 12 nside² directions, half of them kept: about 9.8° apart, half the cone. */
const NSIDE = 6;
/** Below so many voxels (12 pairs) in three shells a cone says nothing. */
const LEAST_VOXELS = 24;

export interface AnisotropyInput {
  readonly masked: DirectionalSums;
  /** The same of the maps with new phases beyond `lastTrueShell`. */
  readonly randomised: DirectionalSums;
  readonly lastTrueShell: number;
  /** [shell] FSC of all directions, for shells in which a cone holds too few voxels. */
  readonly global: ArrayLike<number>;
  readonly pixelSizeA: number;
}

export function measureAnisotropy(input: AnisotropyInput): Anisotropy {
  const { masked, randomised, lastTrueShell, global, pixelSizeA } = input;
  const axes = makeConeAxes();
  const halfAngleRad = (CONE_HALF_ANGLE_DEG * Math.PI) / 180;
  const random = conicalFsc(randomised, axes, halfAngleRad);
  const curves = conicalFsc(masked, axes, halfAngleRad).map((cone, axis) =>
    correctForMask(smoothed(cone, global), smoothed(random[axis]!, global), lastTrueShell),
  );
  const found = curves.map((curve) => resolutionAt(curve, HALF_MAP_THRESHOLD, masked.boxPx, pixelSizeA));
  const area = Float64Array.from(curves, (curve, i) => areaTo(curve, found[i]!.crossingShell));
  const largest = area.reduce((a, b) => Math.max(a, b), 0);
  return {
    axes,
    halfAngleDeg: CONE_HALF_ANGLE_DEG,
    threshold: HALF_MAP_THRESHOLD,
    curves,
    resolutionA: Float64Array.from(found, (resolution) => resolution.resolutionA),
    area,
    areaRatio: largest > 0 ? area.reduce((a, b) => Math.min(a, b), largest) / largest : 0,
  };
}

/**
 * Mean of three shells, each by its voxels: a cone holds a sixteenth of a shell and scatters four times as much. The
 * innermost shells, where that is too few still, are those of the global curve.
 */
function smoothed({ fsc, voxelCount }: ConeCurve, global: ArrayLike<number>): Float64Array {
  return fsc.map((_, shell) => {
    let [sum, count] = [0, 0];
    for (let s = Math.max(1, shell - 1); s <= Math.min(fsc.length - 1, shell + 1); s++) {
      sum += voxelCount[s]! * fsc[s]!;
      count += voxelCount[s]!;
    }
    return shell === 0 || count < LEAST_VOXELS ? global[shell]! : sum / count;
  });
}

/** Trapezia under a curve from shell 0 to where it meets the threshold. */
function areaTo(curve: Float64Array, crossingShell: number): number {
  let area = 0;
  for (let shell = 1; shell < curve.length && shell - 1 < crossingShell; shell++) {
    const width = Math.min(1, crossingShell - (shell - 1));
    const [left, right] = [shell === 1 ? 1 : curve[shell - 1]!, curve[shell]!];
    area += width * (left + (width / 2) * (right - left));
  }
  return area;
}

/** HEALPix directions of the upper half sphere, [n × 3]. */
function makeConeAxes(): Float64Array {
  const directions = makeHealpixDirections(NSIDE);
  const axes: number[] = [];
  for (let i = 0; i < directions.length; i += 2) {
    const [rotRad, tiltRad] = [directions[i]!, directions[i + 1]!];
    const isUpper = Math.cos(tiltRad) > 1e-9 || (Math.cos(tiltRad) > -1e-9 && rotRad < Math.PI);
    if (!isUpper) continue;
    axes.push(Math.cos(rotRad) * Math.sin(tiltRad), Math.sin(rotRad) * Math.sin(tiltRad), Math.cos(tiltRad));
  }
  return Float64Array.from(axes);
}
