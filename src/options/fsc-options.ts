import { optionalPath, requiredPath } from "./kinds.ts";
import { mapPixelSizeOption, measureSeedOption, randomisationsOption } from "./map-measure-options.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, threadsOption } from "./shared-options.ts";

/** Options of `fsc`. */
export const fscTable = {
  first: requiredPath({
    flag: "first",
    isPositional: true,
    valueName: "a.mrc",
    group: "input",
    help: "A map",
  }),
  second: requiredPath({
    flag: "second",
    isPositional: true,
    valueName: "b.mrc",
    group: "input",
    help: "The map to compare it with, of the same box and pixel size",
  }),
  mask: optionalPath({
    flag: "mask",
    valueName: "mask.mrc",
    help: "Map of 0 … 1 that both are multiplied with; adds the masked, the phase-randomised and the corrected FSC",
  }),
  out: optionalPath({
    flag: "out",
    valueName: "prefix",
    aliases: ["o"],
    help: "Also write prefix.star, prefix.xml (EMDB), prefix.svg and prefix.json",
  }),
  pixelSizeA: mapPixelSizeOption,
  threads: threadsOption,
  randomisations: randomisationsOption,
  seed: measureSeedOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type FscOptions = OptionValues<typeof fscTable>;
export type FscInput = OptionInput<typeof fscTable>;
