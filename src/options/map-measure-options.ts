import { UsageError } from "../core/errors.ts";
import { integerOption, namedOption, numberOption } from "./kinds.ts";

/** Options that `postprocess`, `fsc` and `mask` share. */
export const mapPixelSizeOption = numberOption({
  flag: "pixel-size",
  unit: "Å",
  default: 0,
  min: 0,
  aliases: ["angpix"],
  help: "Edge of a voxel; 0 takes the header's",
});

export const randomisationsOption = integerOption({
  flag: "randomisations",
  unit: "count",
  default: 5,
  min: 1,
  max: 100,
  group: "advanced",
  help: "Draws of random phases whose FSC is averaged to take out the mask's own correlation",
});

export const measureSeedOption = integerOption({
  flag: "seed",
  unit: "number",
  default: 0,
  min: 0,
  aliases: ["random_seed"],
  group: "advanced",
  help: "Seed of the random phases",
});

/** How a mask is made from a map. */
export const maskShapeOptions = {
  maskResolutionA: numberOption({
    flag: "mask-resolution",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Low-pass filter of the map that the mask is made from; 0 is 15 Å, or 3 voxels where that is coarser",
  }),
  maskThreshold: namedOption({
    flag: "mask-threshold",
    valueName: "auto|density",
    default: "auto",
    help: "Density of the low-passed map that counts as molecule; auto is 5 robust standard deviations above the solvent, at least a tenth of the peak",
    canonical: autoOrNumber("auto or a density"),
  }),
  maskExtendA: numberOption({
    flag: "mask-extend",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Growth of the thresholded shape; 0 is 6 Å, at least 3 voxels",
  }),
  maskEdgeA: numberOption({
    flag: "mask-edge",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Width of the cosine edge outside that; 0 is 12 Å, at least 6 voxels",
  }),
} as const;

/** A check for text that is "auto" or a number, in canonical form. */
export function autoOrNumber(expected: string): (text: string) => string {
  return (text) => {
    const word = text.trim().toLowerCase();
    if (word === "auto") return word;
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word)) return String(Number(word));
    throw new UsageError(`expected ${expected}, got "${text}".`);
  };
}
