import { JournalStore, loadState, saveCheckpoint } from "./checkpoint.ts";
import { finishRun, type RefineResult } from "./finish.ts";
import { writeRound } from "./outputs.ts";
import { runRound } from "./round.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFolder } from "./run-folder.ts";
import type { RefinementState } from "./state.ts";

/** Rounds from a state to the end, each checkpointed; then the final reconstruction. */
export async function runRounds(context: RunContext, folder: RunFolder, start: RefinementState): Promise<RefineResult> {
  let state = start;
  let previous: JournalStore | null = state.round > 0 ? new JournalStore(folder.checkpoint, state.round) : null;
  // The final maps use the model that the last posteriors were computed with: the state before the last round, which is kept too.
  let before = state.finished === null ? state : loadState(folder.checkpoint, state.round - 1);
  try {
    while (state.finished === null) {
      context.signal.throwIfAborted();
      const store = new JournalStore(folder.checkpoint, state.round + 1);
      const { state: next } = await runRound(context, state, store, previous);
      previous?.close();
      previous = store;
      before = state;
      state = next;
      writeRound(folder, context, state);
      saveCheckpoint(folder.checkpoint, state);
      context.log.event("checkpoint.saved", { round: state.round, path: folder.checkpoint });
    }
    const result = await finishRun(context, state, before, previous!, folder);
    context.log.event("run.done", { ...result });
    return result;
  } finally {
    previous?.close();
  }
}
