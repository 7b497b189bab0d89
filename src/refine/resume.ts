import { removeAbandonedFiles } from "../io/node/atomic-write.ts";
import { joinPath, pathExists } from "../io/node/folders.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { RefineResult } from "./finish.ts";
import { initialState } from "./initial-state.ts";
import { openRun } from "./open-run.ts";
import { type RunEnvironment, ranksOf } from "./run-environment.ts";
import { openRunFolder, runFolder } from "./run-folder.ts";
import { readRunRecord, recordedOptions } from "./run-record.ts";
import { runRounds } from "./run-rounds.ts";

/** Goes on with a run that was stopped or killed; ends in the same bytes as if it had not been. */
export async function resume(
  path: string,
  overrides: { readonly threads?: number },
  environment: RunEnvironment,
): Promise<RefineResult> {
  const folder = runFolder(path);
  const record = readRunRecord(folder);
  const ranks = await ranksOf(environment, "auto");
  const { comm } = ranks;
  const isFirst = comm.rank === 0;
  if (isFirst)
    for (const inside of [folder.path, folder.checkpoint]) if (pathExists(inside)) removeAbandonedFiles(inside);
  const opened = await openRunFolder(folder, environment.log, comm);
  try {
    const options = { ...recordedOptions(record), ...(overrides.threads ? { threads: overrides.threads } : {}) };
    const context = await openRun(options, opened.log, environment.signal, ranks);
    try {
      const warn = (message: string) => opened.log.event("warning", { message });
      if (context.device.isa !== record.device.isa) {
        warn(`bytes may differ: ${record.device.isa} → ${context.device.isa}`);
      }
      const hasState = pathExists(joinPath(folder.checkpoint, "manifest.json"));
      const state = hasState ? loadCheckpoint(folder.checkpoint, warn) : await initialState(context);
      await comm.barrier();
      if (!hasState && isFirst) saveCheckpoint(folder.checkpoint, state);
      await comm.barrier();
      opened.log.event("run.resume", { round: state.round + 1 });
      return await runRounds(context, folder, state);
    } finally {
      await context.device.idle().catch(() => {});
      context.device.close();
      context.data.source.close();
    }
  } finally {
    opened.close();
  }
}
