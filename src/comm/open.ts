import { UsageError } from "../core/errors.ts";
import { type LaunchedJob, launchedJob } from "./launcher.ts";
import { localCommunicator } from "./local.ts";
import { type MpiSettings, type MpiWorld, openMpi } from "./mpi.ts";
import type { Communicator } from "./types.ts";

/** Whether ranks are looked for: "auto" where a launcher says that there are several. */
export type MpiChoice = "auto" | "on" | "off";

/** The communicator of a process, and why it is this one. */
export interface OpenedCommunicator {
  readonly comm: Communicator;
  readonly why: string;
  /** Null for a process by itself. */
  readonly job: LaunchedJob | null;
}

let world: Promise<MpiWorld> | undefined;

/**
 * The communicator of this process: that of the MPI job where a launcher started several ranks (or `mpi` is "on"), else that of one
 * process. MPI is joined once; later calls give the same.
 */
export async function openCommunicator(
  mpi: MpiChoice = "auto",
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<OpenedCommunicator> {
  const job = launchedJob(environment);
  if (mpi === "off" || (mpi === "auto" && (job === null || job.size === 1))) {
    const why =
      mpi === "off" ? "--mpi off" : job ? `one rank under ${job.launcher}` : "no launcher of parallel jobs was found";
    return { comm: localCommunicator, why: `one process: ${why}`, job };
  }
  world ??= openMpi(settingsOf(environment));
  const comm = await world;
  if (job !== null && comm.size !== job.size) {
    throw new UsageError(
      `mpi: ${job.launcher} started ${job.size} ranks, but ${comm.library} sees ${comm.size}. Vitreous was built for another MPI than the one that starts it: put that one's mpicxx first in PATH and run npm run setup.`,
    );
  }
  const ranks = `${comm.size} rank${comm.size === 1 ? "" : "s"}`;
  return { comm, why: `${ranks} of ${comm.library}: ${job ? `started by ${job.launcher}` : "--mpi on"}`, job };
}

/** The MPI job that this process has joined; undefined before, and in a process by itself. */
export async function joinedJob(): Promise<MpiWorld | undefined> {
  return world === undefined ? undefined : world.catch(() => undefined);
}

function settingsOf(environment: Readonly<Record<string, string | undefined>>): MpiSettings {
  const silenceSeconds = Number(environment["VITREOUS_SILENCE_S"] ?? Number.NaN);
  return silenceSeconds > 0 ? { silenceSeconds } : {};
}
