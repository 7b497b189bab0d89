import { integerOption, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";

/** Options of `inspect`. */
export const inspectTable = {
  file: requiredPath({
    flag: "file",
    isPositional: true,
    valueName: "file or folder",
    group: "input",
    help: "Any file that Vitreous reads or writes, or the folder of a run",
  }),
  imageCount: integerOption({
    flag: "images",
    unit: "count",
    default: 64,
    min: 0,
    help: "Images of a stack that are looked at, spread over it; a map is read whole",
  }),
  json: switchOption({
    flag: "json",
    help: "Print the description as JSON",
  }),
} as const;

export type InspectOptions = OptionValues<typeof inspectTable>;
export type InspectInput = OptionInput<typeof inspectTable>;
