import { pointGroup } from "../geometry/point-group.ts";
import { choiceOption, integerOption, namedOption, numberOption, requiredPath, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import {
  deviceOption,
  isaOption,
  memoryOption,
  modelGroupsOption,
  modelOption,
  mpiOption,
  particleRootOption,
  threadsOption,
} from "./shared-options.ts";

/** Options of `reconstruct`. */
export const reconstructTable = {
  particles: requiredPath({
    flag: "particles",
    isPositional: true,
    valueName: "particles.star",
    aliases: ["i"],
    group: "input",
    help: "Particle images with poses and CTF (STAR or .cs)",
  }),
  out: requiredPath({
    flag: "out",
    valueName: "prefix",
    aliases: ["o"],
    group: "input",
    help: "Start of the output names: prefix.mrc, prefix_half1.mrc, prefix_half2.mrc, prefix_fsc.json",
  }),
  symmetry: namedOption({
    flag: "symmetry",
    valueName: "group",
    default: "C1",
    aliases: ["sym"],
    help: "Point group on RELION's axes: C1, C4, D7, T, O, I1, I2 (= I), I3, I4",
    canonical: (name) => pointGroup(name).name,
  }),
  maxResolutionA: numberOption({
    flag: "max-resolution",
    unit: "Å",
    default: 0,
    min: 0,
    aliases: ["maxres"],
    help: "Finest resolution inserted; 0 goes to Nyquist",
  }),
  maskDiameterA: numberOption({
    flag: "mask-diameter",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Sphere for the masked FSC; 0 is 0.9 of the box. The maps are written unmasked",
  }),
  subset: integerOption({
    flag: "subset",
    unit: "0, 1 or 2",
    default: 0,
    min: 0,
    max: 2,
    help: "Reconstruct from this half-set only; 0 writes both half maps and the whole",
  }),
  isSingleMap: switchOption({
    flag: "single-map",
    help: "One map from all particles, prefix.mrc, without half maps and FSC: less time and memory",
  }),
  withoutCtf: switchOption({
    flag: "without-ctf",
    help: "Take the images as they are, with a contrast transfer function of 1",
  }),
  threads: threadsOption,
  memoryGb: memoryOption,
  halfSets: choiceOption({
    flag: "half-sets",
    choices: ["auto", "hash", "file"],
    default: "auto",
    group: "advanced",
    help: "How particles are split: by a hash of seed and image name, or by the file's rlnRandomSubset; auto takes the file's when it has one",
  }),
  seed: integerOption({
    flag: "seed",
    unit: "number",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Seed of the split into half-sets",
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
  griddingIterations: integerOption({
    flag: "gridding-iterations",
    unit: "count",
    default: 0,
    min: 0,
    max: 200,
    aliases: ["iter"],
    group: "advanced",
    help: "Iterations of the density-compensation loop; 0 divides by the inserted weight directly",
  }),
  batchParticles: integerOption({
    flag: "batch",
    unit: "count",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Images handled at once; 0 fits the memory plan, and the result does not depend on it",
  }),
  particleRoot: particleRootOption,
  device: deviceOption,
  isa: isaOption,
  mpi: mpiOption,
  model: modelOption,
  modelGroups: modelGroupsOption,
} as const;

export type ReconstructOptions = OptionValues<typeof reconstructTable>;
export type ReconstructInput = OptionInput<typeof reconstructTable>;
