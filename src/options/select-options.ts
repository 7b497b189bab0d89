import {
  integerOption,
  optionalNumber,
  optionalPath,
  optionalRange,
  pathOption,
  requiredPath,
  switchOption,
} from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";

/** Options of `select`. Every condition given must hold. */
export const selectTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i"],
    group: "input",
    help: "Particle set (STAR or .cs), usually run_data.star of a finished run",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "out.star",
    aliases: ["o"],
    group: "input",
    help: "STAR file to write: the rows kept, in their order, with every column of the input",
  }),
  minScore: optionalNumber({
    flag: "min-score",
    unit: "value",
    help: "Keep particles whose score is at least this",
  }),
  scoreColumn: pathOption({
    flag: "score-column",
    valueName: "label",
    default: "vitGoodProbability",
    help: "Column that is the score: the probability that the image shows the particle, or any other column of numbers",
  }),
  maxScore: optionalNumber({
    flag: "max-score",
    unit: "value",
    help: "Keep particles whose score is at most this",
  }),
  defocusA: optionalRange({
    flag: "defocus",
    unit: "Å",
    help: "Keep particles whose mean defocus, (U + V) / 2, lies in this range",
  }),
  micrograph: optionalPath({
    flag: "micrograph",
    valueName: "pattern",
    help: "Keep particles of micrographs whose name fits: * stands for any text, ? for one character; the folder may be left out",
  }),
  half: integerOption({
    flag: "half",
    unit: "1 or 2",
    default: 0,
    min: 0,
    max: 2,
    help: "Keep this half-set (rlnRandomSubset); 0 keeps both",
  }),
  classNumber: integerOption({
    flag: "class",
    unit: "number",
    default: 0,
    min: 0,
    help: "Keep this class (rlnClassNumber); 0 keeps all",
  }),
  list: optionalPath({
    flag: "list",
    valueName: "file",
    help: "Keep particles named in this file: one image name (000001@stack.mrcs) or micrograph name a line, or the image names of a STAR file",
  }),
  isInverted: switchOption({
    flag: "invert",
    help: "Write what the conditions would leave out",
  }),
  isDistinct: switchOption({
    flag: "distinct",
    help: "Keep only the first row of each image: undoes symmetry expansion and removes copies",
  }),
} as const;

export type SelectOptions = OptionValues<typeof selectTable>;
export type SelectInput = OptionInput<typeof selectTable>;
