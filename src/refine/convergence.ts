import type { RefinementState, RoundRecord, Stage } from "./state.ts";

/** What the coming round will be, and why. */
export interface Decision {
  readonly stage: Stage;
  readonly isRelook: boolean;
  readonly isRelaxed: boolean;
  /** Non-null ends the run. */
  readonly finished: string | null;
  readonly reason: string;
}

export interface ConvergenceOptions {
  readonly stages: string;
  readonly maxRounds: number;
  readonly relookRounds: number;
  /** Step of a scan at the coming round's radius, degrees: no local search while clouds are wider. */
  readonly scanStepDeg: number;
  /** Whether the group's symmetry is relaxed once local search with it brings no more. */
  readonly relaxesSymmetry?: boolean;
}

/** A gain smaller than these is none: half a shell; a tenth of the movement, and none when poses move by less than half the clouds' own width. */
const SHELL_GAIN = 0.5;
const MOVE_GAIN = 0.9;
const MOVE_OF_WIDTH = 0.5;
const ROUNDS_WITHOUT_GAIN = 2;
/** Shells by which the radius may grow and still count as settled. */
const RADIUS_SETTLED = 2;
/** Root mean square movement of the defocus, Å, above which a round of the defocus stage still brought something. */
const DEFOCUS_SETTLED_A = 10;
/** Share of particles that change their mate in a round, above which relaxation still brings something. */
const MATES_SETTLED = 0.02;
/** Fewer jumps than this share: the global search finds nothing new. */
const FEW_JUMPS = 0.03;
/** Fewer than this when every image was looked at again: the look was one more round without gain. */
const FEW_RELOOK_JUMPS = 0.005;

/** Rounds at the end of a history that brought no gain, within the last unbroken stretch of one stage and a second global look before it that found nothing. */
export function roundsWithoutGain(history: readonly RoundRecord[], countsPoses: boolean): number {
  let best05 = 0;
  let best0143 = 0;
  let leastMoved = Number.POSITIVE_INFINITY;
  let leastChanged = Number.POSITIVE_INFINITY;
  let without = 0;
  let previous: RoundRecord | undefined;
  for (const record of history) {
    const isFirstRelaxed = record.mates !== undefined && previous?.mates === undefined;
    // Without the symmetry's averaging the curves start again lower.
    if (isFirstRelaxed) best05 = best0143 = 0;
    const isNewStretch =
      isFirstRelaxed ||
      (previous !== undefined && (previous.stage !== record.stage || previous.isRelook !== record.isRelook));
    if (isNewStretch) {
      const isIdleRelook = previous?.isRelook === true && previous.jumpedShare < FEW_RELOOK_JUMPS;
      if (isFirstRelaxed || !isIdleRelook) without = 0;
      leastMoved = Number.POSITIVE_INFINITY;
    }
    const gainsShells = record.shell05 > best05 + SHELL_GAIN || record.shell0143 > best0143 + SHELL_GAIN;
    const isMoving = record.movedDeg > MOVE_OF_WIDTH * record.meanRotationSdDeg;
    const gainsPoses = countsPoses && isMoving && record.movedDeg < MOVE_GAIN * leastMoved;
    const gainsDefocus = (record.defocusMovedA ?? 0) > DEFOCUS_SETTLED_A;
    const changedShare = record.mates?.changedShare ?? 0;
    const gainsMates = changedShare > MATES_SETTLED && changedShare < MOVE_GAIN * leastChanged;
    without = gainsShells || gainsPoses || gainsDefocus || gainsMates ? 0 : without + 1;
    if (record.mates) leastChanged = Math.min(leastChanged, changedShare);
    best05 = Math.max(best05, record.shell05);
    best0143 = Math.max(best0143, record.shell0143);
    leastMoved = Math.min(leastMoved, record.movedDeg);
    previous = record;
  }
  return without;
}

/** Stage of the coming round from the history: science.md §3. Never stops in the global stage unless it is the only one. */
export function decide(state: RefinementState, options: ConvergenceOptions): Decision {
  const last = state.history[state.history.length - 1]!;
  const go = (stage: Stage, reason: string, isRelook = false): Decision => ({
    stage,
    isRelook,
    isRelaxed: state.isRelaxed,
    finished: null,
    reason,
  });
  const end = (reason: string): Decision => ({ ...go(state.stage, reason), finished: reason });
  if (state.round >= options.maxRounds) return end(`--max-rounds ${options.maxRounds} reached`);
  if (last.stage === "global") {
    const without = roundsWithoutGain(state.history, false);
    if (last.isRelook) return go("local", "looked again globally at the radius reached");
    if (options.stages === "global") {
      return without >= ROUNDS_WITHOUT_GAIN ? end(`no gain in FSC for ${without} global rounds`) : go("global", "");
    }
    if (last.jumpedShare < FEW_JUMPS && state.history.length >= 2) {
      return go(
        "local",
        `${(100 * last.jumpedShare).toFixed(1)} % of the particles moved by more than a step of the grid`,
      );
    }
    if (without >= ROUNDS_WITHOUT_GAIN) return go("local", `no gain in FSC for ${without} global rounds`);
    // Clouds measured at a coarser radius than the coming one say nothing about its step.
    const isRadiusSteady = state.radiusShell <= last.radiusShell + RADIUS_SETTLED;
    if (isRadiusSteady && options.scanStepDeg < last.meanRotationSdDeg)
      return go("local", "the step of the grid is below the clouds' own width");
    return go("global", "");
  }
  const without = roundsWithoutGain(state.history, true);
  if (
    last.stage === "local" &&
    !state.isRelaxed &&
    state.relooksDone < options.relookRounds &&
    options.stages.includes("global") &&
    without >= 1
  ) {
    return go("global", "local search brings no more; every image is searched globally again", true);
  }
  if (last.stage === "defocus") {
    if (without >= ROUNDS_WITHOUT_GAIN) return end(`no gain in FSC, poses and defocus for ${without} defocus rounds`);
    return go("defocus", "");
  }
  if (without >= ROUNDS_WITHOUT_GAIN) {
    const reason = `no gain in FSC and poses for ${without} rounds`;
    if (options.relaxesSymmetry && !state.isRelaxed) return { ...go("local", reason), isRelaxed: true };
    return options.stages.includes("defocus") ? go("defocus", reason) : end(reason);
  }
  return go("local", "");
}
