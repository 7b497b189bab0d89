import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { DefocusPlan } from "../expectation/defocus-curves.ts";
import { changedDefocus } from "../optics/astigmatism.ts";
import { type DefocusGrid, makeDefocusGrid } from "../posterior/defocus-prior.ts";
import { mapGroupOf } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import type { DefocusState, RefinementState } from "./state.ts";

/** Step of the grid of defocus changes: a third of what a good image of a large particle can tell. */
const STEP_A = 20;
/** Points of each posterior that meet every defocus. */
const POINTS = 16;
const ASTIGMATISM_STEP_A = 100;

/** Changes of defocus that are looked at, relative to the file's. */
export function defocusGridOf(context: RunContext): DefocusGrid {
  return makeDefocusGrid(context.options.defocusRangeA, STEP_A);
}

/** How a round of the defocus stage samples defocus; null in the other stages. */
export function defocusPlanOf(context: RunContext, state: RefinementState, half: 0 | 1): DefocusPlan | null {
  if (state.stage !== "defocus") return null;
  return {
    grid: defocusGridOf(context),
    currentA: state.defocus?.changeA ?? new Float32Array(context.data.table.count),
    ownShare: ownShare(context, state, half),
    pointCount: POINTS,
    astigmatismStepA: ASTIGMATISM_STEP_A,
  };
}

/**
 * Share of an image's own inserted band that its slice of the reference returns, times σ², per shell.
 *
 * Inserted, an image adds C X/σ² to F; the reference is F·f/T (f the FSC that it is weighted by), T the sum of C²/σ² over all
 * images per padded voxel, C² taken as ½; multiplying the map by a mask that fills m of its box lets m/padding³ of a voxel come back
 * at itself. With 2 n pixels of N images in a shell of 4π (padding s)² · padding voxels this is 4π s² m f/(N G n), G
 * images of the point group adding to T alike.
 */
function ownShare(context: RunContext, state: RefinementState, half: 0 | 1): Float64Array {
  const { band } = context.band;
  const mask = context.givenMask ?? context.sphereMask;
  const filled = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  const images = Math.max(1, context.data.halves[half].length) * mapGroupOf(context, state).order;
  return Float64Array.from({ length: context.largestShell + 1 }, (_, s) => {
    const pixels = s <= band.maxShell ? band.shellStart[s + 1]! - band.shellStart[s]! : 0;
    const fsc = Math.min(Math.max(state.fsc[s] ?? 0, 0), 1);
    return s > 0 && pixels > 0 ? (4 * Math.PI * s * s * filled * fsc) / (images * pixels) : 0;
  });
}

/** Optics rows with the defocus and astigmatism that a run has found. */
export function changedOptics(optics: Float64Array, defocus: DefocusState | undefined): Float64Array {
  if (defocus === undefined) return optics;
  const out = optics.slice();
  for (let p = 0; p < defocus.changeA.length; p++) {
    const at = CTF_OPTICS_FIELDS * p;
    const change: readonly [number, number] = [defocus.astigmatismA[2 * p]!, defocus.astigmatismA[2 * p + 1]!];
    out.set(changedDefocus(out[at]!, out[at + 1]!, out[at + 2]!, defocus.changeA[p]!, change), at);
  }
  return out;
}
