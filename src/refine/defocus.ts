import { UsageError } from "../core/errors.ts";
import { silentLog } from "../core/events.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { absolutePath, expectWritablePlace, joinPath, listFolder, pathExists } from "../io/node/folders.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type DefocusInput, defocusTable } from "../options/defocus-options.ts";
import type { RefineOptions } from "../options/refine-options.ts";
import { journalRound, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { RefineResult } from "./finish.ts";
import { openRun } from "./open-run.ts";
import { type RunEnvironment, ranksOf } from "./run-environment.ts";
import { openRunFolder, runFolder } from "./run-folder.ts";
import { readRunRecord, recordedOptions, writeRunRecord } from "./run-record.ts";
import { runRounds } from "./run-rounds.ts";
import type { RefinementState } from "./state.ts";

/**
 * The defocus stage on a finished run: its references, poses, noise and half-sets are taken up where they stand, in a new folder, so
 * that nothing crosses between the half-sets.
 */
export async function defocus(input: DefocusInput, environment: RunEnvironment): Promise<RefineResult> {
  const given = completeOptions("defocus", defocusTable, input);
  const from = runFolder(given.folder);
  const record = readRunRecord(from);
  const folder = runFolder(given.out);
  if (pathExists(folder.record)) {
    throw new UsageError(`--out ${given.out}: already holds a run. Give another folder.`);
  }
  expectWritablePlace(folder.path);
  const ranks = await ranksOf(environment, "auto");
  const { comm } = ranks;
  const log = comm.rank === 0 ? environment.log : silentLog;
  const state = loadCheckpoint(from.checkpoint, (message) => log.event("warning", { message }));
  if (state.finished === null) {
    throw new UsageError(`${given.folder}: the run is not finished. Use vitreous resume ${given.folder} first.`);
  }
  const { threads, memoryGb, defocusRangeA, device, isa } = given;
  const options: RefineOptions = {
    ...recordedOptions(record),
    ...{ out: absolutePath(given.out), stages: "local,defocus", maxRounds: state.round + given.maxRounds },
    ...{ threads, memoryGb, defocusRangeA, device, isa },
  };
  // No rank may find the folder that another makes.
  await comm.barrier();
  const context = await openRun(options, log, environment.signal, ranks);
  try {
    const opened = await openRunFolder(folder, environment.log, comm);
    try {
      const start: RefinementState = { ...state, stage: "defocus", isRelook: false, finished: null };
      if (context.isFirst) {
        copyJournals(from.checkpoint, folder.checkpoint, state.round);
        writeRunRecord(folder, context, options);
        saveCheckpoint(folder.checkpoint, start);
      }
      await comm.barrier();
      return await runRounds({ ...context, log: opened.log }, folder, start);
    } finally {
      opened.close();
    }
  } finally {
    await context.device.idle().catch(() => {});
    context.device.close();
    context.data.source.close();
  }
}

/** The posteriors that the first round perturbs: those of the last round, of every rank that had a part in it. */
function copyJournals(from: string, to: string, round: number): void {
  for (const name of listFolder(from)) {
    if (journalRound(name) === round) writeFileAtomic(joinPath(to, name), readFileBytes(joinPath(from, name)));
  }
}
