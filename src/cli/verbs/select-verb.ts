import { select } from "../../curate/select.ts";
import type { SelectOptions } from "../../options/select-options.ts";
import type { VerbContext } from "./verb-context.ts";

export async function selectVerb(options: SelectOptions, { terminal }: VerbContext): Promise<void> {
  const { particles, keptCount, totalCount, refused } = await select(options);
  const lines = refused.map(({ condition, count }) => `left out    ${count} by ${condition}`);
  if (options.isInverted) lines.push("inverted    the particles left out are the ones written");
  const share = ((100 * keptCount) / totalCount).toFixed(1);
  terminal.writeResult(
    `${[`kept        ${keptCount} of ${totalCount} particles (${share} %)`, ...lines, `particles   ${particles}`].join("\n")}\n`,
  );
}
