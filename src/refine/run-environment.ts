import { type OpenedCommunicator, openCommunicator } from "../comm/open.ts";
import type { Communicator } from "../comm/types.ts";
import type { EventLog } from "../core/events.ts";
import type { RefineOptions } from "../options/refine-options.ts";

export interface RunEnvironment {
  readonly signal: AbortSignal;
  /** Of rank 0; the other ranks say nothing. */
  readonly log: EventLog;
  /** The ranks that share the work; absent: those of the launcher, or this process alone. */
  readonly comm?: Communicator;
}

/** The ranks of a run. */
export async function ranksOf(environment: RunEnvironment, mpi: RefineOptions["mpi"]): Promise<OpenedCommunicator> {
  if (environment.comm) return { comm: environment.comm, why: "given by the caller", job: null };
  return openCommunicator(mpi);
}
