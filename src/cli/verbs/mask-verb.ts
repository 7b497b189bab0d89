import type { MaskOptions } from "../../options/mask-options.ts";
import { mask } from "../../validation/mask.ts";
import type { VerbContext } from "./verb-context.ts";

export async function maskVerb(options: MaskOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const result = await mask(options, { signal, log });
  terminal.writeResult(
    `mask  ${result.mask}\n` +
      `      ${(100 * result.share).toFixed(1)} % of the box; map at ${result.resolutionA.toFixed(1)} Å, density above ${Number(result.threshold.toPrecision(4))}\n`,
  );
}
