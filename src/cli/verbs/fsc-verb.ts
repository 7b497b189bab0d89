import type { FscOptions } from "../../options/fsc-options.ts";
import { fsc } from "../../validation/fsc.ts";
import { resolutionText } from "../../validation/fsc-report.ts";
import type { VerbContext } from "./verb-context.ts";

export async function fscVerb(options: FscOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const result = await fsc(options, { signal, log });
  for (const found of result.resolutions) terminal.writeResult(`resolution  ${resolutionText(found)}\n`);
  for (const path of result.files) terminal.writeResult(`written     ${path}\n`);
}
