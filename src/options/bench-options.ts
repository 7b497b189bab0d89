import { choiceOption, integerOption, pathOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { clusterTable } from "./plan-options.ts";

/** Options of `bench`: the experiments that need no data. */
export const benchTable = {
  experiment: {
    ...choiceOption({
      flag: "experiment",
      choices: ["scale"],
      default: "scale",
      group: "input",
      help: "What to reproduce: scale is the design paper's figures 4 and 6 to 9 (Qiao et al. 2019), simulated",
    }),
    isPositional: true,
  },
  out: pathOption({
    flag: "out",
    valueName: "folder",
    default: "bench-scale",
    aliases: ["o"],
    group: "input",
    help: "Folder for the tables and pictures",
  }),
  figure: choiceOption({
    flag: "figure",
    choices: ["all", "4", "6", "7", "8", "9"],
    default: "all",
    help: "Memory per model size (4), E against nodes (6) and image size (7), speed-up of 256 to 4,096 nodes (8), M against model size (9)",
  }),
  ...clusterTable,
  cluster: choiceOption({
    flag: "cluster",
    choices: ["paper", "cluster", "taihulight", "haswell"],
    default: "paper",
    help: "Machine: the paper's two, each for its own figures, or one for all",
  }),
  threads: integerOption({
    flag: "threads",
    unit: "count",
    default: 0,
    min: 0,
    max: 4096,
    aliases: ["j"],
    help: "Cores of a node; 0 is the preset's",
  }),
} as const;

export type BenchOptions = OptionValues<typeof benchTable>;
export type BenchInput = OptionInput<typeof benchTable>;
