import { requiredPath } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, memoryOption, threadsOption } from "./shared-options.ts";

/** Options of `beamtilt`: all others come from the record of the run it looks at. */
export const beamtiltTable = {
  folder: requiredPath({
    flag: "folder",
    isPositional: true,
    valueName: "folder",
    group: "input",
    help: "Folder of a finished run",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "particles.star",
    aliases: ["o"],
    group: "input",
    help: "Particle file to write: that of the run with the beam tilt of each optics group put in",
  }),
  threads: threadsOption,
  memoryGb: memoryOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type BeamtiltOptions = OptionValues<typeof beamtiltTable>;
export type BeamtiltInput = OptionInput<typeof beamtiltTable>;
