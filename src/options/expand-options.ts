import { pointGroup } from "../geometry/point-group.ts";
import { namedOption, requiredPath } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";

/** Options of `expand`. */
export const expandTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i"],
    group: "input",
    help: "Particle set with poses on the symmetry's axes (STAR or .cs)",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "out.star",
    aliases: ["o"],
    group: "input",
    help: "STAR file to write: each row once per operator, sharing its image",
  }),
  symmetry: namedOption({
    flag: "symmetry",
    valueName: "group",
    default: "C1",
    aliases: ["sym"],
    help: "Point group on RELION's axes: C1, C4, D7, T, O, I1, I2 (= I), I3, I4",
    canonical: (name) => pointGroup(name).name,
  }),
} as const;

export type ExpandOptions = OptionValues<typeof expandTable>;
export type ExpandInput = OptionInput<typeof expandTable>;
