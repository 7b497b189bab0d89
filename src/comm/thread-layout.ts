import type { LaunchedJob } from "./launcher.ts";

export interface ThreadLayout {
  readonly threads: number;
  /** What is wrong with the layout, and what to do; null: nothing. */
  readonly warning: string | null;
}

export interface ProcessorView {
  /** Processors that this process may run on (its affinity). */
  readonly allowed: number;
  /** Processors of the host. */
  readonly present: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Threads of a rank that was not told a number: what the scheduler gave each task, else what the launcher pinned the rank to, else
 * its even share of the host.
 */
export function threadLayout(job: LaunchedJob, processors: ProcessorView, environment: Environment): ThreadLayout {
  const { allowed, present } = processors;
  const told = Number(environment["SLURM_CPUS_PER_TASK"] ?? environment["OMP_NUM_THREADS"] ?? Number.NaN);
  const localSize = Math.max(1, job.localSize ?? 1);
  const isPinned = allowed < present;
  const share = isPinned ? allowed : Math.max(1, Math.floor(present / localSize));
  const threads = told >= 1 ? Math.floor(told) : share;
  if (isPinned && allowed === 1 && (threads > 1 || present > localSize)) {
    return {
      threads,
      warning: `${job.launcher} pins each rank to one of ${present} processors. Start it with ${remedy(job, present, localSize)}.`,
    };
  }
  if (threads > allowed) {
    return {
      threads,
      warning: `${threads} threads a rank were asked for, and the launcher allows it ${allowed} processor${allowed === 1 ? "" : "s"}.`,
    };
  }
  return { threads, warning: null };
}

function remedy(job: LaunchedJob, present: number, localSize: number): string {
  const share = Math.max(1, Math.floor(present / localSize));
  if (job.launcher === "srun") return `--cpus-per-task=${share}`;
  return job.launcher.includes("Open MPI") ? `--bind-to none, or --map-by slot:PE=${share}` : "-bind-to none";
}
