import type { RunContext } from "./run-context.ts";

/** Where the time of a phase went: event `profile`, for --profile. */
export interface PhaseProfile {
  readonly round: number;
  readonly phase: "expectation" | "maximization" | "final";
  /** Of the slowest rank. */
  readonly wallMs: number;
  /** Processor time of all ranks. */
  readonly processorMs: number;
  /** Time of each op on the device, longest first. */
  readonly ops: readonly { readonly op: string; readonly count: number; readonly elapsedMs: number }[];
  /** Orchestration, files, waiting for other ranks. */
  readonly restMs: number;
}

/** A clock of phases: each call of the function that it returns says what happened since the call before. All ranks call. */
export function startProfile({
  comm,
  device,
  log,
  options,
}: RunContext): (round: number, phase: PhaseProfile["phase"]) => Promise<void> {
  if (!options.profile) return async () => {};
  let since = performance.now();
  let before = device.timings();
  let cpu = process.cpuUsage();
  return async (round, phase) => {
    const { user, system } = process.cpuUsage(cpu);
    const processorMs = Float64Array.of((user + system) / 1000);
    // The phase is over when every rank is here.
    await comm.allReduceSum(processorMs);
    cpu = process.cpuUsage();
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
    log.event("profile", { round, phase, wallMs, processorMs: processorMs[0]!, ops, restMs });
    [since, before] = [now, after];
  };
}
