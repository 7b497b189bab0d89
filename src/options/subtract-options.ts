import { choiceOption, integerOption, optionalPath, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, particleRootOption, threadsOption } from "./shared-options.ts";

/** Options of `subtract`. */
export const subtractTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i"],
    group: "input",
    help: "Particle images with poses and CTF (STAR or .cs), such as run_data.star",
  }),
  reference: requiredPath({
    flag: "reference",
    valueName: "map.mrc",
    aliases: ["ref"],
    group: "input",
    help: "Map whose density outside the mask is taken out of every image",
  }),
  mask: requiredPath({
    flag: "mask",
    valueName: "mask.mrc",
    group: "input",
    help: "What stays in the images: 1 there, 0 where density is taken out, soft between; on the map's grid",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "prefix",
    aliases: ["o"],
    group: "input",
    help: "Start of the output names: prefix.mrcs and prefix.star",
  }),
  reference2: optionalPath({
    flag: "reference2",
    valueName: "map.mrc",
    help: "Map for half-set 2, --reference then serving half-set 1 alone: with the two half maps nothing crosses between the half-sets",
  }),
  scale: choiceOption({
    flag: "scale",
    choices: ["optics", "particle", "none"],
    default: "optics",
    help: "Grey scale of the map in the images: fitted for each optics group, for each particle, or taken to be 1",
  }),
  recentre: switchOption({
    flag: "recentre",
    aliases: ["recenter", "recenter_on_mask"],
    help: "Move each image by whole pixels so that what stays lies at its centre; a later map is then centred on the mask's centre of mass",
  }),
  seed: integerOption({
    flag: "seed",
    unit: "number",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Seed of the half-sets where the file has none: that of the run, so that each image stays in its half-set under its new name",
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
  particleRoot: particleRootOption,
  threads: threadsOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type SubtractOptions = OptionValues<typeof subtractTable>;
export type SubtractInput = OptionInput<typeof subtractTable>;
