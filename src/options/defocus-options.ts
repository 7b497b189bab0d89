import { integerOption, numberOption, requiredPath } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, memoryOption, threadsOption } from "./shared-options.ts";

/** Options of `defocus`: all others come from the record of the run it starts from. */
export const defocusTable = {
  folder: requiredPath({
    flag: "folder",
    isPositional: true,
    valueName: "folder",
    group: "input",
    help: "Folder of a finished run",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "folder",
    aliases: ["o"],
    group: "input",
    help: "Folder of the new run; created, must not already hold one",
  }),
  maxRounds: integerOption({
    flag: "max-rounds",
    unit: "count",
    default: 8,
    min: 1,
    max: 100,
    help: "Most rounds to run; it normally stops by itself earlier",
  }),
  threads: threadsOption,
  memoryGb: memoryOption,
  defocusRangeA: numberOption({
    flag: "defocus-range",
    unit: "Å",
    default: 1000,
    min: 50,
    max: 20_000,
    group: "advanced",
    help: "Largest change of a particle's defocus that is looked at",
  }),
  device: deviceOption,
  isa: isaOption,
} as const;

export type DefocusOptions = OptionValues<typeof defocusTable>;
export type DefocusInput = OptionInput<typeof defocusTable>;
