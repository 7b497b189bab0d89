import { descriptionText } from "../../inspect/description.ts";
import { inspect } from "../../inspect/inspect.ts";
import type { InspectOptions } from "../../options/inspect-options.ts";
import type { VerbContext } from "./verb-context.ts";

export async function inspectVerb(options: InspectOptions, { terminal }: VerbContext): Promise<void> {
  const description = await inspect(options);
  terminal.writeResult(options.json ? `${JSON.stringify(description, null, 2)}\n` : descriptionText(description));
}
