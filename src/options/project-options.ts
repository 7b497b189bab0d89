import { integerOption, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, threadsOption } from "./shared-options.ts";

/** Options of `project`. */
export const projectTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i", "ang"],
    group: "input",
    help: "Poses and CTF (STAR or .cs); the images themselves are not read",
  }),
  reference: requiredPath({
    flag: "reference",
    valueName: "map.mrc",
    aliases: ["ref"],
    group: "input",
    help: "Map to project; box and pixel size of the projections are its own",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "prefix",
    aliases: ["o"],
    group: "input",
    help: "Start of the output names: prefix.mrcs and prefix.star",
  }),
  withoutCtf: switchOption({
    flag: "without-ctf",
    help: "Leave the contrast transfer function out",
  }),
  withoutShifts: switchOption({
    flag: "without-shifts",
    help: "Leave every projection centred",
  }),
  paddingFactor: integerOption({
    flag: "padding",
    unit: "factor",
    default: 2,
    min: 1,
    max: 4,
    aliases: ["pad"],
    group: "advanced",
    help: "Oversampling of the Fourier transform of the map",
  }),
  threads: threadsOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type ProjectOptions = OptionValues<typeof projectTable>;
export type ProjectInput = OptionInput<typeof projectTable>;
