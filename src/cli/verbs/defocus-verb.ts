import type { DefocusOptions } from "../../options/defocus-options.ts";
import { defocus } from "../../refine/defocus.ts";
import { runResultText } from "../run-result-text.ts";
import type { VerbContext } from "./verb-context.ts";

export async function defocusVerb(options: DefocusOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  terminal.writeResult(runResultText(await defocus(options, { signal, log })));
}
