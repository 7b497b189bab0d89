import { loadCheckpoint } from "./checkpoint.ts";
import type { RefineResult } from "./finish.ts";
import { openRun } from "./open-run.ts";
import type { RunEnvironment } from "./refine.ts";
import { initialState } from "./initial-state.ts";
import { saveCheckpoint } from "./checkpoint.ts";
import { joinPath, pathExists } from "../io/node/folders.ts";
import { openRunFolder, runFolder } from "./run-folder.ts";
import { readRunRecord } from "./run-record.ts";
import { runRounds } from "./run-rounds.ts";

/** Goes on with a run that was stopped or killed; ends in the same bytes as if it had not been. */
export async function resume(path: string, overrides: { readonly threads?: number }, { signal, log }: RunEnvironment): Promise<RefineResult> {
  const folder = runFolder(path);
  const record = readRunRecord(folder);
  const opened = openRunFolder(folder, log);
  try {
    const options = { ...record.options, ...(overrides.threads ? { threads: overrides.threads } : {}) };
    const context = await openRun(options, opened.log, signal);
    try {
      if (context.device.isa !== record.device.isa) {
        const message = `bytes may differ: ${record.device.isa} → ${context.device.isa}`;
        opened.log.event("warning", { message });
      }
      const hasState = pathExists(joinPath(folder.checkpoint, "manifest.json"));
      const state = hasState ? loadCheckpoint(folder.checkpoint) : await initialState(context);
      if (!hasState) saveCheckpoint(folder.checkpoint, state);
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
