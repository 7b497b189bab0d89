import { requiredPath } from "./kinds.ts";
import { mapPixelSizeOption, maskShapeOptions } from "./map-measure-options.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, threadsOption } from "./shared-options.ts";

/** Options of `mask`. */
export const maskTable = {
  map: requiredPath({
    flag: "map",
    isPositional: true,
    valueName: "map.mrc",
    aliases: ["i"],
    group: "input",
    help: "The map to make a mask from, protein bright",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "mask.mrc",
    aliases: ["o"],
    group: "input",
    help: "The mask: 1 in the molecule, 0 in the solvent, a soft edge between",
  }),
  ...maskShapeOptions,
  pixelSizeA: mapPixelSizeOption,
  threads: threadsOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type MaskOptions = OptionValues<typeof maskTable>;
export type MaskInput = OptionInput<typeof maskTable>;
