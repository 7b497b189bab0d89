import type { SubtractOptions } from "../../options/subtract-options.ts";
import { subtract } from "../../subtract/subtract.ts";
import type { VerbContext } from "./verb-context.ts";

export async function subtractVerb(options: SubtractOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const { scales, centreA, files } = await subtract(options, { signal, log });
  const lines = [
    ...scales.map(({ group, scale }) => `scale      ${scale.toPrecision(4)} (${group})`),
    ...(centreA ? [`centred on ${centreA.map((c) => c.toFixed(1)).join(", ")} Å`] : []),
    ...files.stacks.map((stack) => `images     ${stack}`),
    `particles  ${files.particles}`,
  ];
  terminal.writeResult(`${lines.join("\n")}\n`);
}
