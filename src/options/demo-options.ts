import { integerOption, pathOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { deviceOption, isaOption, threadsOption } from "./shared-options.ts";

/** Options of `demo`. */
export const demoTable = {
  out: pathOption({
    flag: "out",
    valueName: "folder",
    default: "demo-run",
    help: "Folder of the demonstration; an earlier demonstration there is replaced",
  }),
  particleCount: integerOption({
    flag: "particles",
    unit: "count",
    default: 1000,
    min: 100,
    max: 100_000,
    help: "Images to simulate and refine",
  }),
  seed: integerOption({
    flag: "seed",
    unit: "number",
    default: 1,
    min: 0,
    help: "Seed of the simulation and of the refinement",
  }),
  threads: threadsOption,
  device: deviceOption,
  isa: isaOption,
} as const;

export type DemoOptions = OptionValues<typeof demoTable>;
export type DemoInput = OptionInput<typeof demoTable>;
