import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { DefocusPlan } from "../expectation/defocus-curves.ts";
import { changedDefocus } from "../optics/astigmatism.ts";
import { type DefocusGrid, makeDefocusGrid } from "../posterior/defocus-prior.ts";
import { knownOwnShare } from "./own-share.ts";
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
    ownShare: knownOwnShare(context, state, half),
    pointCount: POINTS,
    astigmatismStepA: ASTIGMATISM_STEP_A,
  };
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
