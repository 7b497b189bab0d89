import { requiredPath } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { threadsOption } from "./shared-options.ts";

/** Options of `resume`: everything that decides the result comes from the run's own record. */
export const resumeTable = {
  folder: requiredPath({
    flag: "folder",
    isPositional: true,
    valueName: "folder",
    aliases: ["continue"],
    group: "input",
    help: "Folder of an interrupted run",
  }),
  threads: {
    ...threadsOption,
    help: "Processor threads; 0 is as many as the run was started with, and the result does not depend on it",
  },
} as const;

export type ResumeOptions = OptionValues<typeof resumeTable>;
export type ResumeInput = OptionInput<typeof resumeTable>;
