import { pointGroup } from "../geometry/point-group.ts";
import type { Fft3 } from "../map/fft3.ts";
import { solventThreshold } from "../map/solvent-mask.ts";
import { findAxes } from "./find-axes.ts";
import { fitGroup, type GroupFit, operatorMatrixInto } from "./fit-group.ts";
import { RotationalCorrelation } from "./rotational-correlation.ts";
import { sampleMap } from "./sampled-map.ts";

/** One candidate group, with its placement in the map's frame. */
export interface SymmetryFit {
  readonly group: string;
  readonly order: number;
  /** Least and mean correlation over the operators, at the resolution compared. */
  readonly least: number;
  readonly mean: number;
  readonly fits: boolean;
  /** Q: the group's axes → the map's; the aligned map is V(Q x + c). */
  readonly rotation: Float64Array;
  readonly centreA: readonly [number, number, number];
}

export interface SymmetryFindings {
  /** "C1" when nothing fits. */
  readonly group: string;
  /** Every candidate, best first: those that fit by order, then the others by least correlation. */
  readonly fits: readonly SymmetryFit[];
  /** Correlation of turns about no particular axis. */
  readonly background: number;
  readonly resolutionA: number;
  readonly notes: readonly string[];
}

export interface FindSymmetryOptions {
  readonly pixelSizeA: number;
  readonly diameterA: number;
  readonly resolutionA: number;
  readonly threshold: number;
  readonly largestFold: number;
  /** Only this group; null tries all. */
  readonly group: string | null;
}

const POINTS = 4000;
/** A placement this far from background to perfect is worth refining. */
const WORTH_REFINING = 0.35;
/** A round blob fits everything. */
const FEATURELESS = 0.7;

/** Tries every group on a cubic map [boxPx³]. */
export async function findSymmetry(
  map: Float32Array,
  boxPx: number,
  options: FindSymmetryOptions,
  fft: Fft3,
): Promise<SymmetryFindings> {
  const { pixelSizeA, diameterA, resolutionA, threshold, largestFold } = options;
  const wanted = options.group === null ? candidateNames(largestFold) : [pointGroup(options.group).name];
  const mostFold = Math.max(5, largestFold, ...wanted.map((name) => Number(name.slice(1)) || 0));
  const aboutCentre = async (centreA: readonly [number, number, number]) => {
    const settings = { pixelSizeA, diameterA, resolutionA, centreA, mostPoints: POINTS };
    const sampled = await sampleMap(map, boxPx, settings, fft);
    const correlation = new RotationalCorrelation(sampled);
    return { centreA, sampled, correlation, ...findAxes(correlation, sampled.lastShell, mostFold) };
  };
  let about = await aboutCentre(centreOfMassA(map, boxPx, pixelSizeA, diameterA));
  // Where one subunit is odd the centre of mass lies off the axis; a refined map often has it in the middle of its box.
  if ((about.axes[0]?.correlation ?? 0) < threshold) {
    const again = await aboutCentre([0, 0, 0]);
    if ((again.axes[0]?.correlation ?? 0) > (about.axes[0]?.correlation ?? 0)) about = again;
  }
  const { correlation, axes, background, sampled, centreA: aboutA } = about;
  const worth = background + WORTH_REFINING * (1 - background);
  const fits = wanted
    .flatMap((name) => fitGroup(name, axes, correlation, worth) ?? [])
    .map((fit) => described(fit, fit.least >= threshold, aboutA, sampled.fieldA));
  fits.sort((a, b) => Number(b.fits) - Number(a.fits) || (a.fits ? b.order - a.order : 0) || b.least - a.least);
  const best = fits[0];
  const notes: string[] = [];
  if (background > FEATURELESS) {
    notes.push(
      `even turns about arbitrary axes correlate to ${background.toFixed(2)}: the map shows too little at ${resolutionA.toFixed(1)} Å. Compare at a finer resolution, or give the particle's diameter.`,
    );
  }
  return { group: best?.fits ? best.group : "C1", fits, background, resolutionA, notes };
}

function described(fit: GroupFit, fits: boolean, aboutA: readonly number[], fieldA: number): SymmetryFit {
  const { group, order, least, mean, rotation, centre } = fit;
  const centreA = [0, 1, 2].map((axis) => aboutA[axis]! + centre[axis]! * fieldA) as [number, number, number];
  return { group, order, least, mean, fits, rotation, centreA };
}

function candidateNames(largestFold: number): string[] {
  const folds = Array.from({ length: largestFold - 1 }, (_, i) => i + 2);
  return [...folds.map((n) => `C${n}`), ...folds.map((n) => `D${n}`), "T", "O", "I2"];
}

/** FSC between the map and its turned copies, mean over the operators of a placed group: [shell] of the field returned. */
export async function symmetryFsc(
  map: Float32Array,
  boxPx: number,
  options: { readonly pixelSizeA: number; readonly diameterA: number; readonly resolutionA: number },
  fit: Pick<SymmetryFit, "group" | "rotation" | "centreA">,
  fft: Fft3,
): Promise<{ readonly fieldA: number; readonly fsc: Float64Array }> {
  const sampled = await sampleMap(map, boxPx, { ...options, centreA: fit.centreA, mostPoints: 5 * POINTS }, fft);
  const correlation = new RotationalCorrelation(sampled);
  const { quaternions, order } = pointGroup(fit.group);
  const fsc = new Float64Array(sampled.lastShell + 1);
  const matrix = new Float64Array(9);
  for (let g = 1; g < order; g++) {
    operatorMatrixInto(matrix, fit.rotation, quaternions.slice(4 * g, 4 * g + 4));
    correlation.shells(matrix, 0).forEach((value, shell) => {
      fsc[shell]! += value / (order - 1);
    });
  }
  return { fieldA: sampled.fieldA, fsc };
}

/** Centre of the density above the solvent, Å from the centre voxel. */
function centreOfMassA(
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  diameterA: number,
): [number, number, number] {
  const radiusPx = Math.min(boxPx / 2 - 1, diameterA / (2 * pixelSizeA));
  const threshold = solventThreshold(map, boxPx, radiusPx);
  const middle = Math.floor(boxPx / 2);
  const sum: [number, number, number] = [0, 0, 0];
  let mass = 0;
  for (let z = 0, o = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      for (let x = 0; x < boxPx; x++, o++) {
        const value = map[o]! - threshold;
        if (!(value > 0) || Math.hypot(x - middle, y - middle, z - middle) > radiusPx) continue;
        mass += value;
        sum[0] += value * (x - middle);
        sum[1] += value * (y - middle);
        sum[2] += value * (z - middle);
      }
    }
  }
  return mass > 0 ? (sum.map((value) => (value / mass) * pixelSizeA) as [number, number, number]) : [0, 0, 0];
}
