import type { SimulateOptions } from "../../options/simulate-options.ts";
import { simulate } from "../../simulate/simulate.ts";
import type { VerbContext } from "./verb-context.ts";

export async function simulateVerb(options: SimulateOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const { files } = await simulate(options, { signal, log });
  terminal.writeResult(
    `particles  ${files.particles}\ntruth      ${files.truthPoses}\nmap        ${files.truthMap}\nreference  ${files.reference}\n`,
  );
}
