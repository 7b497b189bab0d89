import { UsageError } from "../core/errors.ts";
import { shellLine, shellQuote } from "./shell-quote.ts";

/** What a job is: the command, its layout, and the names of its files. */
export interface Job {
  readonly name: string;
  readonly queue: string;
  readonly rankCount: number;
  readonly threads: number;
  readonly nodeCount: number;
  /** Slurm's form: minutes, hours:minutes:seconds, days-hours …; empty: the queue's default. */
  readonly timeLimit: string;
  readonly graceSeconds: number;
  readonly outFile: string;
  readonly errFile: string;
  readonly extra1: string;
  readonly extra2: string;
  /** Words before the command that start the ranks; none for one rank. */
  readonly launcher: readonly string[];
  /** The command's words, program first, and those that continue its run where `checkpoint` exists; null: it is just run again. */
  readonly command: readonly string[];
  readonly continuation: { readonly checkpoint: string; readonly command: readonly string[] } | null;
  /** Whether --threads is added with what the scheduler gave to each rank. */
  readonly takesThreads: boolean;
}

const VARIABLE = /XXX([A-Za-z0-9]+?)XXX/g;
const SHELL_LINE = /^#!.*\b(ba|da|k|z|a)?sh\b/;

/**
 * Fills in a template. `XXXcommandXXX` becomes "$@", which lines put before the template's first command set: to the continuation where the
 * run folder holds a checkpoint, else to the command. So it stays one simple command, whatever stands before it on its line.
 *
 * @param where  names the template in messages
 */
export function jobScript(template: string, job: Job, where: string): string {
  const lines = template.replace(/\r\n/g, "\n").split("\n");
  if (!SHELL_LINE.test(lines[0] ?? "") || /csh\b/.test(lines[0] ?? "")) {
    throw new UsageError(
      `${where}: expected a script for a POSIX shell (#!/bin/bash or #!/bin/sh in its first line), got "${lines[0] ?? ""}". Rewrite the template for bash.`,
    );
  }
  if (!template.includes("XXXcommandXXX")) {
    throw new UsageError(
      `${where}: expected XXXcommandXXX where the command belongs, got none. Add it to the template.`,
    );
  }
  const values = variablesOf(job);
  const filled = lines.flatMap((line) => filledLine(line, job, values, where));
  const body = filled.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  filled.splice(body, 0, ...choiceLines(job), "");
  return filled.join("\n");
}

function variablesOf(job: Job): ReadonlyMap<string, string> {
  const perNode = Math.ceil(job.rankCount / job.nodeCount);
  return new Map([
    ["name", job.name],
    ["queue", job.queue],
    ["mpinodes", String(job.rankCount)],
    ["threads", String(job.threads)],
    ["cores", String(job.rankCount * job.threads)],
    ["nodes", String(job.nodeCount)],
    ["dedicated", String(perNode * job.threads)],
    ["time", job.timeLimit],
    ["grace", String(job.graceSeconds)],
    ["outfile", job.outFile],
    ["errfile", job.errFile],
    ["extra1", job.extra1],
    ["extra2", job.extra2],
  ]);
}

/** The line with its variables, or none where a directive would be left without a value. */
function filledLine(line: string, job: Job, values: ReadonlyMap<string, string>, where: string): string[] {
  const isDirective = line.startsWith("#");
  let isEmpty = false;
  const launched = line.replace(/XXXlaunchXXX ?/g, () =>
    job.launcher.length > 0 ? `${shellLine(job.launcher)} ` : "",
  );
  const filled = launched.replace(VARIABLE, (written, name: string) => {
    if (name === "command") return '"$@"';
    const value = values.get(name);
    if (value === undefined) {
      throw new UsageError(
        `${where}: there is no variable ${written}. Known: ${[...values.keys(), "command", "launch"].map((k) => `XXX${k}XXX`).join(", ")}.`,
      );
    }
    if (value === "") isEmpty = true;
    return isDirective ? directiveValue(value, written) : shellQuote(value);
  });
  return isDirective && isEmpty ? [] : [filled];
}

/** Slurm takes a directive's value up to the first blank unless it is quoted; a line break would start another line of the script. */
function directiveValue(value: string, variable: string): string {
  if (/[\p{Cc}"\\]/u.test(value)) {
    throw new UsageError(
      `submit: ${variable}: expected no line breaks, quotes or backslashes in what goes into a directive, got ${JSON.stringify(value)}. Give another name.`,
    );
  }
  return /\s/.test(value) ? `"${value}"` : value;
}

/** Sets "$@" once, before any rank starts: ranks that looked for themselves could see different things. */
function choiceLines({ command, continuation, takesThreads, threads }: Job): string[] {
  const cores = takesThreads ? ` --threads "\${SLURM_CPUS_PER_TASK:-${threads}}"` : "";
  if (continuation === null) return [`set -- ${shellLine(command)}${cores}`];
  return [
    `if [ -e ${shellQuote(continuation.checkpoint)} ]; then`,
    `  set -- ${shellLine(continuation.command)}${cores}`,
    "else",
    `  set -- ${shellLine(command)}${cores}`,
    "fi",
  ];
}
