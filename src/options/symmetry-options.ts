import { integerOption, numberOption, optionalPath, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, threadsOption } from "./shared-options.ts";

/** Options of `symmetry`. */
export const symmetryTable = {
  map: requiredPath({
    flag: "map",
    isPositional: true,
    valueName: "map.mrc",
    aliases: ["i"],
    group: "input",
    help: "Map whose axes are sought; refined without symmetry (C1), or its axes are those imposed on it",
  }),
  out: optionalPath({
    flag: "out",
    valueName: "aligned.mrc",
    aliases: ["o"],
    group: "input",
    help: "Map to write, turned and moved onto the axes of the group that fits; none writes no map",
  }),
  group: optionalPath({
    flag: "symmetry",
    valueName: "group",
    aliases: ["sym"],
    help: "Align to this group, whatever fits best; none takes the group found",
  }),
  particles: optionalPath({
    flag: "particles",
    valueName: "run_data.star",
    group: "input",
    help: "Poses that belong to the map: written turned the same way beside --out, as STAR",
  }),
  resolutionA: numberOption({
    flag: "resolution",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Finest resolution compared; 0 is a twelfth of the particle's diameter, at least three pixels",
  }),
  maskDiameterA: numberOption({
    flag: "mask-diameter",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Sphere around the particle; 0 is 0.9 of the box",
  }),
  threshold: numberOption({
    flag: "threshold",
    unit: "correlation",
    default: 0.8,
    min: 0,
    max: 1,
    help: "Least correlation that every operator of a group must reach for the group to fit",
  }),
  largestFold: integerOption({
    flag: "largest-fold",
    unit: "count",
    default: 12,
    min: 2,
    max: 60,
    help: "Largest n of C_n and D_n that is tried",
  }),
  json: switchOption({
    flag: "json",
    help: "Print the findings as JSON",
  }),
  threads: threadsOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type SymmetryOptions = OptionValues<typeof symmetryTable>;
export type SymmetryInput = OptionInput<typeof symmetryTable>;
