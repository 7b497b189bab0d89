import type { ReportOptions } from "../../options/report-options.ts";
import { report } from "../../report/report.ts";
import type { VerbContext } from "./verb-context.ts";

export async function reportVerb(options: ReportOptions, { terminal }: VerbContext): Promise<void> {
  const { page, numbers, record } = await report(options);
  if (options.json) terminal.writeResult(`${JSON.stringify(record, null, 2)}\n`);
  else terminal.writeResult(`report      ${page}\nnumbers     ${numbers}\n`);
}
