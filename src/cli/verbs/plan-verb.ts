import type { PlanOptions } from "../../options/plan-options.ts";
import { plan } from "../../plan/plan.ts";
import { planText } from "../plan-text.ts";
import type { VerbContext } from "./verb-context.ts";

export async function planVerb(options: PlanOptions, { terminal }: VerbContext): Promise<void> {
  const result = await plan(options);
  terminal.writeResult(options.json ? `${JSON.stringify(result, null, 1)}\n` : planText(result));
}
