import { UsageError } from "../core/errors.ts";
import { type EventLog, silentLog } from "../core/events.ts";
import { absolutePath, expectWritablePlace, pathExists } from "../io/node/folders.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type RefineInput, type RefineOptions, refineTable } from "../options/refine-options.ts";
import { saveCheckpoint } from "./checkpoint.ts";
import type { RefineResult } from "./finish.ts";
import { initialState } from "./initial-state.ts";
import { openRun } from "./open-run.ts";
import { symmetryOf } from "./relaxation.ts";
import { type RunEnvironment, ranksOf } from "./run-environment.ts";
import { openRunFolder, runFolder } from "./run-folder.ts";
import { writeRunRecord } from "./run-record.ts";
import { runRounds } from "./run-rounds.ts";

/** From a particle stack and a rough map to a refined map and poses: the main job. */
export async function refine(input: RefineInput, environment: RunEnvironment): Promise<RefineResult> {
  const { signal } = environment;
  const options = withAbsolutePaths(completeOptions("refine", refineTable, input));
  symmetryOf(options);
  const folder = runFolder(options.out);
  if (pathExists(folder.record)) {
    throw new UsageError(
      `--out ${options.out}: already holds a run. Use vitreous resume ${options.out}, or another folder.`,
    );
  }
  expectWritablePlace(folder.path);
  const ranks = await ranksOf(environment, options.mpi);
  const { comm } = ranks;
  const log = comm.rank === 0 ? environment.log : silentLog;
  // No rank may find the folder that another makes.
  await comm.barrier();
  // Everything that can be wrong with the input is found before the folder is made.
  let logged: EventLog | null = null;
  const early: [string, Readonly<Record<string, unknown>>][] = [];
  const tee: EventLog = {
    event(name, fields) {
      if (logged) logged.event(name, fields);
      else {
        early.push([name, fields]);
        log.event(name, fields);
      }
    },
  };
  const context = await openRun(options, tee, signal, ranks);
  try {
    const state = await initialState(context);
    const opened = await openRunFolder(folder, log, comm, early);
    logged = opened.log;
    try {
      if (context.isFirst) {
        writeRunRecord(folder, context, options);
        saveCheckpoint(folder.checkpoint, state);
      }
      return await runRounds(context, folder, state);
    } finally {
      opened.close();
    }
  } finally {
    await context.device.idle().catch(() => {});
    context.device.close();
    context.data.source.close();
  }
}

/** The record must name the same files when the run is resumed from another folder. */
function withAbsolutePaths(options: RefineOptions): RefineOptions {
  return {
    ...options,
    particles: absolutePath(options.particles),
    reference: absolutePath(options.reference),
    solventMask: ["auto", "sphere"].includes(options.solventMask)
      ? options.solventMask
      : absolutePath(options.solventMask),
    particleRoot: options.particleRoot === null ? null : absolutePath(options.particleRoot),
  };
}
