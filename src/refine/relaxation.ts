import { UsageError } from "../core/errors.ts";
import { type Mates, matesOf } from "../geometry/mates.ts";
import { type PointGroup, pointGroup } from "../geometry/point-group.ts";
import type { RefineOptions } from "../options/refine-options.ts";
import type { RunContext } from "./run-context.ts";
import type { RefinementState } from "./state.ts";

/** The group that is imposed until symmetry is relaxed, and the mates that particles choose among from then on; mates null: never relaxed. */
export interface RunSymmetry {
  readonly group: PointGroup;
  readonly mates: Mates | null;
}

/** Symmetry of a run from its options; UsageError for options that relaxation cannot do with. */
export function symmetryOf(options: RefineOptions): RunSymmetry {
  const group = pointGroup(options.symmetry);
  if (options.relaxSymmetry === "none") return { group, mates: null };
  const refuse = (sentence: string) => new UsageError(`--relax-symmetry ${options.relaxSymmetry}: ${sentence}`);
  const imposed = pointGroup(options.relaxSymmetry);
  let mates: Mates;
  try {
    mates = matesOf(imposed, group);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`--symmetry ${options.symmetry} under --relax-symmetry: ${cause.message}`, {}, cause);
  }
  if (mates.count === 1) {
    throw refuse(`expected a larger group than --symmetry, got the same. Leave --symmetry at C1 for a map without it.`);
  }
  if (options.stages === "global") {
    throw refuse("expected stages with local search, got --stages global. Use --stages global,local.");
  }
  if (options.joinResolutionA === 0) {
    throw refuse(
      "expected --join-resolution above 0 Å, got 0: only shells that the half-sets share can make both choose the same mates.",
    );
  }
  return { group: imposed, mates };
}

/** The symmetry that maps have in the coming round. */
export function mapGroupOf(context: RunContext, state: RefinementState): PointGroup {
  return state.isRelaxed && context.mates ? context.mates.subgroup : context.group;
}

/** The mates that particles choose among in the coming round; null: none. */
export function matesInUse(context: RunContext, state: RefinementState): Mates | null {
  return state.isRelaxed ? context.mates : null;
}
