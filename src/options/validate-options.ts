import { integerOption, optionalPath, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { particleRootOption } from "./shared-options.ts";

/** Options of `validate`. */
export const validateTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i"],
    group: "input",
    help: "Particle images with their CTF: a RELION STAR file (3.0, 3.1 or later) or a cryoSPARC .cs file",
  }),
  passthrough: optionalPath({
    flag: "passthrough",
    valueName: "file.cs",
    group: "input",
    help: "Passthrough file of the same cryoSPARC job, joined by uid",
  }),
  particleRoot: { ...particleRootOption, group: "simple" },
  imageCount: integerOption({
    flag: "images",
    unit: "count",
    default: 2000,
    min: 0,
    help: "Images that are read and measured, spread evenly over the set; 0 reads none",
  }),
  allImages: switchOption({
    flag: "all-images",
    help: "Read and measure every image",
  }),
  withoutCtf: switchOption({
    flag: "without-ctf",
    help: "Accept a set without CTF columns (projections, simulations)",
  }),
  json: switchOption({
    flag: "json",
    help: "Print the findings as JSON",
  }),
} as const;

export type ValidateOptions = OptionValues<typeof validateTable>;
export type ValidateInput = OptionInput<typeof validateTable>;
