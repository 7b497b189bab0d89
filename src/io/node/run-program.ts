import { spawnSync } from "node:child_process";
import { ResourceError } from "../../core/errors.ts";
import { codeOf } from "./system-errors.ts";

/** Runs a program of this machine to its end and returns what it printed; no shell in between. */
export function runProgram(program: string, words: readonly string[]): string {
  const { error, status, signal, stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
  if (error) {
    const remedy = codeOf(error) === "ENOENT" ? "It is not installed here, or not on the PATH." : error.message;
    throw new ResourceError(`${program}: cannot run it. ${remedy}`, { program, words }, error);
  }
  if (status !== 0) {
    const how = signal === null ? `ended with ${status}` : `was ended by ${signal}`;
    throw new ResourceError(`${program} ${how}: ${stderr.trim() || stdout.trim() || "it said nothing"}`, {
      program,
      words,
      status,
    });
  }
  return stdout;
}
