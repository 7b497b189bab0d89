import type { RefineOptions } from "../../options/refine-options.ts";
import { refine } from "../../refine/refine.ts";
import { runResultText } from "../run-result-text.ts";
import { writeReport } from "../write-report.ts";
import type { VerbContext } from "./verb-context.ts";

export async function refineVerb(options: RefineOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const result = await refine(options, { signal, log });
  terminal.writeResult(runResultText(result, await writeReport(result.folder, log)));
}
