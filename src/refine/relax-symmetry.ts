import { DataError } from "../core/errors.ts";
import { shellToResolutionA } from "../geometry/shells.ts";
import { breakSymmetry } from "./break-symmetry.ts";
import { joinShellOf, withLowShells } from "./join-low-shells.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/** Standard errors by which held-out particles must prefer a map in which the mates differ. */
const SURE = 2;

/**
 * The state from which particles choose among the mates: each half-set's own symmetric reference, with the shells that the halves share
 * replaced by one map in which the mates differ. Beyond those shells the references stay symmetric, so that in the first round
 * nothing but what is shared tells the mates apart, and both half-sets choose alike; from then on each half's own map does.
 */
export async function relaxSymmetry(context: RunContext, state: RefinementState): Promise<RefinementState> {
  const { data, options, log, fft } = context;
  const mates = context.mates!;
  const shell = joinShellOf(context);
  if (shell < 1) {
    throw new DataError(
      `--join-resolution ${options.joinResolutionA} Å: expected at least one shell of the box (${data.boxPx} px of ${data.pixelSizeA} Å), got none. Give a finer resolution.`,
    );
  }
  const broken = await breakSymmetry(context, state, mates, shell);
  const resolutionA = shellToResolutionA(shell, data.boxPx, data.pixelSizeA);
  const { gain, gainSd, certainty, starts } = broken;
  log.event("symmetry.relaxed", {
    from: mates.group.name,
    to: mates.subgroup.name,
    mateCount: mates.count,
    resolutionA,
    certainty,
    evidenceGain: gain,
    evidenceGainSd: gainSd,
    starts,
  });
  if (!(gain > SURE * gainSd)) {
    log.event("warning", {
      message: `at ${resolutionA.toFixed(0)} Å nothing tells the mates of ${mates.group.name} apart. If the particle differs only in finer detail, give a finer --join-resolution; it may also have the symmetry.`,
    });
  }
  const references: Float32Array[] = [];
  for (const { reference } of state.halves) {
    references.push(await withLowShells(reference, broken.map, data.boxPx, shell, fft));
  }
  return {
    ...state,
    isRelaxed: true,
    halves: [
      { ...state.halves[0], reference: references[0]! },
      { ...state.halves[1], reference: references[1]! },
    ],
  };
}
