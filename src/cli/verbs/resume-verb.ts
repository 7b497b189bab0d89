import type { ResumeOptions } from "../../options/resume-options.ts";
import { resume } from "../../refine/resume.ts";
import { runResultText } from "../run-result-text.ts";
import { writeReport } from "../write-report.ts";
import type { VerbContext } from "./verb-context.ts";

export async function resumeVerb(options: ResumeOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  // 0 threads: as the run was started.
  const overrides = options.threads > 0 ? { threads: options.threads } : {};
  const result = await resume(options.folder, overrides, { signal, log });
  terminal.writeResult(runResultText(result, await writeReport(result.folder, log)));
}
