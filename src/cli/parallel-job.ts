import { setTimeout as sleep } from "node:timers/promises";
import { launchedJob } from "../comm/launcher.ts";
import { joinedJob } from "../comm/open.ts";
import type { Terminal } from "./terminal.ts";

/** Rank 0 is given this long to say the same thing first, so that one mistake is printed once. */
const AFTER_RANK_0_MS = 400;
/** The same before the ranks have met: each started when its host let it, and the first to leave makes the launcher end all. */
const AFTER_RANK_0_STARTS_MS = 3000;
/** The launcher ends the process well before. */
const PATIENCE_MS = 5000;

/** What a command line is when a launcher started several of it: rank 0 prints, and a failure of one is the end of all. */
export interface CliRank {
  readonly isFirst: boolean;
  /** "rank 2 of 4: ", empty for a process by itself. */
  readonly prefix: string;
}

export function cliRank(environment: Readonly<Record<string, string | undefined>>): CliRank {
  const job = launchedJob(environment);
  if (job === null || job.size === 1) return { isFirst: true, prefix: "" };
  return { isFirst: job.rank === 0, prefix: `rank ${job.rank} of ${job.size}: ` };
}

/** A terminal of which nothing is seen. */
export function mutedTerminal(terminal: Terminal): Terminal {
  return { ...terminal, writeResult: () => {}, writeMessage: () => {}, isInteractive: false };
}

/**
 * Says why this rank failed. What all ranks find wrong rank 0 says for all: it speaks and leaves first, and the launcher ends the
 * others. What only this rank finds wrong it says itself, after the wait.
 */
export async function sayFailure(rank: CliRank, terminal: Terminal, text: string): Promise<void> {
  if (!rank.isFirst) {
    const hasJoined = (await joinedJob()) !== undefined;
    await sleep(hasJoined ? AFTER_RANK_0_MS : AFTER_RANK_0_STARTS_MS);
  }
  terminal.writeMessage(text);
}

/** Exit codes from here on are 128 + a signal. */
const FIRST_SIGNAL_CODE = 128;
/** A signal reaches every rank: rank 0 is given this long to say where the run stopped and to leave first. */
const AFTER_SIGNAL_MS = 3000;

/** Leaves the MPI job, where there is one: together with the other ranks, or, after a failure, by ending all of them. */
export async function leaveJob(exitCode: number): Promise<void> {
  const job = await joinedJob();
  if (job === undefined) return;
  if (exitCode === 0 || job.size === 1) {
    await job.close();
    return;
  }
  if (exitCode > FIRST_SIGNAL_CODE && job.rank > 0) await sleep(AFTER_SIGNAL_MS);
  job.abort(exitCode);
  await sleep(PATIENCE_MS);
}

/** Names the ranks of this host that are gone: a launcher that ends the others because of one does not always say which. */
export async function sayLostRanks(terminal: Terminal): Promise<void> {
  const job = await joinedJob();
  if (job === undefined || !job.isFirstAlive()) return;
  for (const { name } of job.lostRanks()) {
    terminal.writeMessage(`${name} is gone: it was killed, or ended without a word. The job ends here.\n`);
  }
}
