import type { Accumulation } from "../maximization/accumulate.ts";
import { expectSameBytes } from "./agreement.ts";
import { JournalStore, loadState, saveCheckpoint } from "./checkpoint.ts";
import { finishRun, type RefineResult } from "./finish.ts";
import { writeRound } from "./outputs.ts";
import { runRound } from "./round.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFolder } from "./run-folder.ts";
import { encodeState, type RefinementState } from "./state.ts";

/** Rounds from a state to the end, each checkpointed; then the final reconstruction. */
export async function runRounds(context: RunContext, folder: RunFolder, start: RefinementState): Promise<RefineResult> {
  const { comm } = context;
  let state = start;
  const openStore = (round: number) => new JournalStore(folder.checkpoint, round, comm.rank);
  let previous: JournalStore | null = state.round > 0 ? openStore(state.round) : null;
  // The final maps use the model that the last posteriors were computed with: the state before the last round, which is kept too.
  let before = state.finished === null ? state : loadState(folder.checkpoint, state.round - 1);
  let finalSums: readonly [Accumulation, Accumulation] | null = null;
  try {
    while (state.finished === null) {
      context.signal.throwIfAborted();
      const store = openStore(state.round + 1);
      // Every rank sees what was there before any of them adds to it.
      await comm.barrier();
      const { state: next, finalSums: made } = await runRound(context, state, store, previous);
      finalSums = made;
      previous?.close();
      previous = store;
      before = state;
      state = next;
      // Times differ from rank to rank; nothing else may.
      await expectSameBytes(comm, `round ${state.round}`, () => encodeState({ ...state, history: [] }));
      if (context.isFirst) {
        writeRound(folder, context, state);
        saveCheckpoint(folder.checkpoint, state);
      }
      await comm.barrier();
      context.log.event("checkpoint.saved", { round: state.round, path: folder.checkpoint });
    }
    const result = await finishRun(context, state, before, previous!, folder, finalSums);
    context.log.event("run.done", { ...result });
    return result;
  } finally {
    for (const sums of finalSums ?? []) sums.free();
    previous?.close();
  }
}
