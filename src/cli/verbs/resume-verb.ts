import type { ResumeOptions } from "../../options/resume-options.ts";
import { resume } from "../../refine/resume.ts";
import { runResultText } from "../run-result-text.ts";
import type { VerbContext } from "./verb-context.ts";

export async function resumeVerb(options: ResumeOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  // 0 threads: as the run was started.
  const overrides = options.threads > 0 ? { threads: options.threads } : {};
  terminal.writeResult(runResultText(await resume(options.folder, overrides, { signal, log })));
}
