import type { RefineOptions } from "../../options/refine-options.ts";
import { refine } from "../../refine/refine.ts";
import { runResultText } from "../run-result-text.ts";
import type { VerbContext } from "./verb-context.ts";

export async function refineVerb(options: RefineOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  terminal.writeResult(runResultText(await refine(options, { signal, log })));
}
