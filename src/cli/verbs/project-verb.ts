import type { ProjectOptions } from "../../options/project-options.ts";
import { project } from "../../simulate/project.ts";
import type { VerbContext } from "./verb-context.ts";

export async function projectVerb(options: ProjectOptions, { terminal, signal, log }: VerbContext): Promise<void> {
  const { files } = await project(options, { signal, log });
  terminal.writeResult(`images     ${files.stack}\nparticles  ${files.particles}\n`);
}
