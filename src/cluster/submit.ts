import { UsageError } from "../core/errors.ts";
import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { absolutePath, pathExists } from "../io/node/folders.ts";
import { runProgram } from "../io/node/run-program.ts";
import { readText } from "../io/node/text-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type SubmitInput, type SubmitOptions, submitTable } from "../options/submit-options.ts";
import { runFolder } from "../refine/run-folder.ts";
import { type Job, jobScript } from "./job-script.ts";
import { SLURM_TEMPLATE } from "./slurm-template.ts";

export interface SubmitResult {
  readonly script: string;
  readonly name: string;
  /** The run's folder, where its command has one. */
  readonly runFolder: string | null;
  /** Null: only written. */
  readonly jobId: string | null;
}

/**
 * Writes a job script for a command and, if asked to, submits it. A job that is put back in the queue, or submitted again, goes on from the
 * checkpoint in the run's folder.
 *
 * @param program  words that start this program; used unless `program` is among the options
 */
export function submit(input: SubmitInput, program: readonly string[] = ["vitreous"]): SubmitResult {
  const options = completeOptions("submit", submitTable, input);
  const [verb, ...rest] = options.command as readonly [string, ...string[]];
  const folder = folderOf(verb, rest);
  if (verb === "refine" && folder !== null && pathExists(runFolder(folder).record)) {
    throw new UsageError(
      `submit: ${folder} holds a run already. Submit its continuation (-- resume ${folder}), or give another --out.`,
      { folder },
    );
  }
  const name = options.name ?? `vitreous-${nameOf(folder ?? verb)}`;
  const script = options.script ?? `${name.replaceAll("/", "_")}.sh`;
  const where = options.template === null ? "the built-in template" : options.template;
  const template = options.template === null ? SLURM_TEMPLATE : readText(options.template);
  const words = options.program === null ? program : [options.program];
  const text = jobScript(template, jobOf(options, name, folder, words, rest), where);
  writeFileAtomic(script, text);
  const jobId = options.submit ? submitted(script) : null;
  return { script, name, runFolder: folder, jobId };
}

function jobOf(
  options: SubmitOptions,
  name: string,
  folder: string | null,
  program: readonly string[],
  rest: readonly string[],
): Job {
  const verb = options.command[0]!;
  const isRun = (verb === "refine" || verb === "resume") && folder !== null;
  return {
    name,
    queue: options.queue ?? "",
    rankCount: options.rankCount,
    threads: options.threads,
    nodeCount: options.nodeCount > 0 ? Math.min(options.nodeCount, options.rankCount) : options.rankCount,
    timeLimit: options.timeLimit ?? "",
    graceSeconds: options.graceSeconds,
    outFile: fileNameForSlurm(`${name.replaceAll("/", "_")}.out`),
    errFile: fileNameForSlurm(`${name.replaceAll("/", "_")}.err`),
    extra1: options.extra1 ?? "",
    extra2: options.extra2 ?? "",
    launcher: launcherOf(options),
    command: [...program, verb, ...rest],
    continuation: isRun ? { checkpoint: runFolder(folder).record, command: [...program, "resume", folder] } : null,
    takesThreads: ["refine", "resume", "reconstruct"].includes(verb) && !givesThreads(rest),
  };
}

function launcherOf({ launcher, rankCount }: SubmitOptions): readonly string[] {
  const choice = launcher === "auto" ? (rankCount > 1 ? "mpirun" : "none") : launcher;
  switch (choice) {
    case "none":
      if (rankCount > 1) {
        throw new UsageError(
          `submit --launcher none: expected one rank, got --ranks ${rankCount}. Use mpirun or srun.`,
        );
      }
      return [];
    case "mpirun":
      // Left to itself mpirun pins each rank to one core.
      return ["mpirun", "--bind-to", "none", "-n", String(rankCount)];
    case "srun":
      return ["srun", "-n", String(rankCount)];
    default:
      throw new TypeError(`no launcher ${choice satisfies never}`);
  }
}

/** Slurm puts numbers in the place of %j and the like in names of files; a doubled % is one. */
function fileNameForSlurm(name: string): string {
  return name.replaceAll("%", "%%");
}

/** The folder of the run that a command makes or goes on with: where its checkpoint is. */
export function folderOf(verb: string, words: readonly string[]): string | null {
  if (verb === "resume") return words.find((word) => !word.startsWith("-")) ?? null;
  if (verb !== "refine") return null;
  for (const [i, word] of words.entries()) {
    const given = /^--(?:out|o)(?:=(.*))?$/s.exec(word);
    if (given) return given[1] ?? words[i + 1] ?? null;
  }
  return null;
}

function givesThreads(words: readonly string[]): boolean {
  return words.some((word) => /^--(threads|j)(=|$)/.test(word));
}

function nameOf(path: string): string {
  return absolutePath(path).split("/").at(-1) || "run";
}

function submitted(script: string): string {
  // --parsable: the id, and the cluster's name after a semicolon where there are several.
  return runProgram("sbatch", ["--parsable", script]).trim().split(";")[0]!;
}
