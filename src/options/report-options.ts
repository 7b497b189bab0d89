import { optionalPath, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";

/** Options of `report`. */
export const reportTable = {
  folder: requiredPath({
    flag: "folder",
    isPositional: true,
    valueName: "folder",
    group: "input",
    help: "Folder of a run, finished or under way",
  }),
  out: optionalPath({
    flag: "out",
    valueName: "report.html",
    group: "input",
    help: "Page to write; its numbers go beside it as JSON; none writes report.html and report.json into the folder",
  }),
  json: switchOption({
    flag: "json",
    help: "Print the numbers as JSON as well",
  }),
} as const;

export type ReportOptions = OptionValues<typeof reportTable>;
export type ReportInput = OptionInput<typeof reportTable>;
