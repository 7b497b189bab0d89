import type { RunContext } from "./run-context.ts";

/** Where the time of a phase went: event `profile`, for --profile. */
export interface PhaseProfile {
  readonly round: number;
  readonly phase: "expectation" | "maximization" | "final";
  readonly wallMs: number;
  /** Time of each op on the device, longest first. */
  readonly ops: readonly { readonly op: string; readonly count: number; readonly elapsedMs: number }[];
  /** Orchestration, files, waiting for other ranks. */
  readonly restMs: number;
}

/** A clock of phases: each call of the function that it returns says what happened since the call before. */
export function startProfile({
  device,
  log,
  options,
}: RunContext): (round: number, phase: PhaseProfile["phase"]) => void {
  if (!options.profile) return () => {};
  let since = performance.now();
  let before = device.timings();
  return (round, phase) => {
    const [now, after] = [performance.now(), device.timings()];
    const ops = Object.entries(after)
      .map(([op, { count, elapsedMs }]) => ({
        op,
        count: count - (before[op]?.count ?? 0),
        elapsedMs: elapsedMs - (before[op]?.elapsedMs ?? 0),
      }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.elapsedMs - a.elapsedMs);
    const wallMs = now - since;
    const restMs = Math.max(0, wallMs - ops.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0));
    log.event("profile", { round, phase, wallMs, ops, restMs });
    [since, before] = [now, after];
  };
}
