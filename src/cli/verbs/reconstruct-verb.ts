import type { ReconstructOptions } from "../../options/reconstruct-options.ts";
import { reconstruct } from "../../refine/reconstruct.ts";
import type { VerbContext } from "./verb-context.ts";

export async function reconstructVerb(
  options: ReconstructOptions,
  { terminal, signal, log }: VerbContext,
): Promise<void> {
  const result = await reconstruct(options, { signal, log });
  if (result.resolutionA !== null && result.unmaskedResolutionA !== null) {
    const masked = `${result.resolutionA.toFixed(2)} Å (FSC 0.143, masked, phase-randomised)`;
    terminal.writeResult(`resolution  ${masked}; ${result.unmaskedResolutionA.toFixed(2)} Å unmasked\n`);
  }
  for (const path of result.maps) terminal.writeResult(`map         ${path}\n`);
}
