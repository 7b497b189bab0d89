import type { VerbName } from "../../options/verbs.ts";
import type { VerbContext } from "./verb-context.ts";

/** Completed option values of the verb named; each implementation states the type of its own table. */
// biome-ignore lint/suspicious/noExplicitAny: the table that made the values belongs to the verb of the same name
type VerbValues = any;

/** Each verb's code is loaded only when it runs: --help does not open the addon. */
export async function runVerb(name: VerbName, values: VerbValues, context: VerbContext): Promise<void> {
  switch (name) {
    case "refine":
      return (await import("./refine-verb.ts")).refineVerb(values, context);
    case "resume":
      return (await import("./resume-verb.ts")).resumeVerb(values, context);
    case "defocus":
      return (await import("./defocus-verb.ts")).defocusVerb(values, context);
    case "beamtilt":
      return (await import("./beamtilt-verb.ts")).beamtiltVerb(values, context);
    case "simulate":
      return (await import("./simulate-verb.ts")).simulateVerb(values, context);
    case "project":
      return (await import("./project-verb.ts")).projectVerb(values, context);
    case "reconstruct":
      return (await import("./reconstruct-verb.ts")).reconstructVerb(values, context);
    case "postprocess":
      return (await import("./postprocess-verb.ts")).postprocessVerb(values, context);
    case "fsc":
      return (await import("./fsc-verb.ts")).fscVerb(values, context);
    case "mask":
      return (await import("./mask-verb.ts")).maskVerb(values, context);
    case "demo":
      return (await import("./demo-verb.ts")).demoVerb(values, context);
    case "plan":
      return (await import("./plan-verb.ts")).planVerb(values, context);
    case "bench":
      return (await import("./bench-verb.ts")).benchVerb(values, context);
    case "submit":
      return (await import("./submit-verb.ts")).submitVerb(values, context);
    case "inspect":
      return (await import("./inspect-verb.ts")).inspectVerb(values, context);
    case "validate":
      return (await import("./validate-verb.ts")).validateVerb(values, context);
    case "select":
      return (await import("./select-verb.ts")).selectVerb(values, context);
    case "expand":
      return (await import("./expand-verb.ts")).expandVerb(values, context);
    case "subtract":
      return (await import("./subtract-verb.ts")).subtractVerb(values, context);
    case "symmetry":
      return (await import("./symmetry-verb.ts")).symmetryVerb(values, context);
    case "report":
      return (await import("./report-verb.ts")).reportVerb(values, context);
    default:
      throw new TypeError(`no code for verb ${name satisfies never}`);
  }
}
