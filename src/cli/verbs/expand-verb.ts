import { expand } from "../../curate/expand.ts";
import type { ExpandOptions } from "../../options/expand-options.ts";
import type { VerbContext } from "./verb-context.ts";

export async function expandVerb(options: ExpandOptions, { terminal }: VerbContext): Promise<void> {
  const { particles, symmetry, inputCount, outputCount } = await expand(options);
  terminal.writeResult(
    `expanded    ${inputCount} particles by ${symmetry} into ${outputCount} rows that share their images\nparticles   ${particles}\n`,
  );
}
