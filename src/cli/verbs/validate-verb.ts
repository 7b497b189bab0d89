import { DataError } from "../../core/errors.ts";
import { validate } from "../../inspect/validate.ts";
import { validationText } from "../../inspect/validation-text.ts";
import type { ValidateOptions } from "../../options/validate-options.ts";
import type { VerbContext } from "./verb-context.ts";

export async function validateVerb(options: ValidateOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const validation = await validate(options, { signal, log });
  terminal.writeResult(options.json ? `${JSON.stringify(validation, null, 2)}\n` : validationText(validation));
  if (validation.errorCount === 0) return;
  const kinds = validation.problems.filter(({ severity }) => severity === "error").length;
  throw new DataError(
    `${options.particles}: ${kinds} ${kinds === 1 ? "kind" : "kinds"} of error; refine would stop. See the list above for each remedy.`,
    { where: options.particles, errorCount: validation.errorCount },
  );
}
