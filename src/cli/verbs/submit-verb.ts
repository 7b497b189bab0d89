import { realpathSync } from "node:fs";
import { submit } from "../../cluster/submit.ts";
import { UsageError } from "../../core/errors.ts";
import { completeOptions } from "../../options/complete-options.ts";
import { nearestName } from "../../options/nearest-name.ts";
import type { SubmitOptions } from "../../options/submit-options.ts";
import { verbNamed, verbs } from "../../options/verbs.ts";
import { parseArguments } from "../parse-arguments.ts";
import type { VerbContext } from "./verb-context.ts";

/** Checks the command as if it were run now, so that a wrong one does not wait in a queue first. */
export async function submitVerb(options: SubmitOptions, { terminal }: VerbContext): Promise<void> {
  expectRunnable(options.command);
  const { script, name, jobId, runFolder } = submit(options, thisProgram());
  terminal.writeResult(`script  ${script}\n`);
  if (jobId === null) terminal.writeResult(`submit  sbatch ${script}\n`);
  else terminal.writeResult(`job     ${jobId} (${name})\n`);
  if (runFolder !== null) terminal.writeResult(`run     ${runFolder}\n`);
}

function expectRunnable(command: readonly string[]): void {
  const [name, ...words] = command as readonly [string, ...string[]];
  const verb = verbNamed(name);
  if (verb === undefined || name === "submit") {
    const near = nearestName(
      name,
      verbs.map((known) => known.name).filter((known) => known !== "submit"),
    );
    const remedy = near === undefined ? "Give refine or another verb." : `Did you mean ${near}?`;
    throw new UsageError(`submit --: expected a verb of vitreous, got "${name}". ${remedy}`, { verb: name });
  }
  completeOptions(verb.name, verb.table, parseArguments(verb, words).values);
}

/** Node and the program's own file, by their full paths: a job starts with another environment. */
function thisProgram(): readonly string[] {
  const main = process.argv[1];
  return main === undefined ? ["vitreous"] : [process.execPath, realpathSync(main)];
}
