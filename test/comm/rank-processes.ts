import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mpirunWords } from "./mpi-job.ts";

export interface RunningJob {
  /** Process of a rank, once it is there. */
  pidOf(rank: number): number | undefined;
  readonly ended: Promise<{ readonly code: number | null; readonly messages: string; readonly endedAt: number }>;
  readonly child: ChildProcess;
}

/** Starts a program on n ranks, to be disturbed while it runs. */
export function startJob(ranks: number, words: readonly string[], environment: NodeJS.ProcessEnv = {}): RunningJob {
  const child = spawn("mpirun", [...mpirunWords(ranks), ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let messages = "";
  child.stderr.on("data", (chunk) => (messages += String(chunk)));
  return {
    child,
    pidOf: (rank) => descendants(child.pid!).find((pid) => rankOf(pid) === rank),
    ended: new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, messages, endedAt: performance.now() }));
    }),
  };
}

function descendants(pid: number): number[] {
  const path = `/proc/${pid}/task`;
  if (!existsSync(path)) return [];
  try {
    const children = readdirSync(path).flatMap((task) =>
      readFileSync(`${path}/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
    );
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it ended meanwhile
  }
}

function rankOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, "utf8");
    const found = /(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(text);
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
