/** Density of an atomic model of any size on a map's grid: what a map is compared with. */

import { expectLength, expectPositive } from "../core/checks.ts";
import type { Atom } from "./pdb-model.ts";

/** Blur of every atom besides its B-factor, px: 8 % of the amplitude are left at Nyquist, so little folds back. */
const SIGMA_PX = 0.8;
/** A Gaussian is cut off at this many standard deviations: e^-12.5. */
const CUT_SIGMAS = 5;

/**
 * Each atom a Gaussian of σ² = (0.8 px)² + B/(8π²), its integral the electrons. An FSC does not see the blur, which is the
 * same for all atoms but for their B-factors.
 *
 * @param out  [boxPx³], overwritten
 * @param originA  where voxel 0 lies in the model's frame, Å
 * @returns number of atoms that lie outside the box
 */
export function modelDensityInto(
  out: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  atoms: readonly Atom[],
  originA: readonly [number, number, number],
): number {
  expectLength("model density", out, boxPx ** 3);
  expectPositive("model density: pixelSizeA", pixelSizeA);
  out.fill(0);
  let outside = 0;
  for (const atom of atoms) {
    const centre = [atom.xA - originA[0], atom.yA - originA[1], atom.zA - originA[2]].map((a) => a / pixelSizeA);
    if (centre.some((place) => place < 0 || place > boxPx - 1)) {
      outside++;
      continue;
    }
    const sigmaPx = Math.sqrt(SIGMA_PX ** 2 + atom.bFactorA2 / (8 * Math.PI ** 2) / pixelSizeA ** 2);
    const [lineX, lineY, lineZ] = centre.map((place) => gaussianLine(place, sigmaPx, boxPx));
    for (let z = 0; z < lineZ!.values.length; z++) {
      for (let y = 0; y < lineY!.values.length; y++) {
        const factor = atom.weight * lineZ!.values[z]! * lineY!.values[y]!;
        const row = ((lineZ!.first + z) * boxPx + lineY!.first + y) * boxPx + lineX!.first;
        for (let x = 0; x < lineX!.values.length; x++) out[row + x]! += factor * lineX!.values[x]!;
      }
    }
  }
  return outside;
}

/** Samples of a normalised Gaussian within its cut-off and the box. */
function gaussianLine(place: number, sigmaPx: number, boxPx: number) {
  const first = Math.max(0, Math.ceil(place - CUT_SIGMAS * sigmaPx));
  const last = Math.min(boxPx - 1, Math.floor(place + CUT_SIGMAS * sigmaPx));
  const values = Float64Array.from(
    { length: last - first + 1 },
    (_, i) => Math.exp(-((first + i - place) ** 2) / (2 * sigmaPx ** 2)) / (sigmaPx * Math.sqrt(2 * Math.PI)),
  );
  return { first, values };
}
