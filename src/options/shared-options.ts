import { choiceOption, integerOption, numberOption, optionalPath } from "./kinds.ts";

/** Options that several verbs have with the same meaning. */
export const threadsOption = integerOption({
  flag: "threads",
  unit: "count",
  default: 0,
  min: 0,
  max: 1024,
  aliases: ["j"],
  help: "Processor threads; 0 is all of them, and the result does not depend on it",
});

export const mpiOption = choiceOption({
  flag: "mpi",
  choices: ["auto", "on", "off"],
  default: "auto",
  group: "advanced",
  help: "Share the work with the other ranks of an MPI job; auto does so where a launcher (mpirun, srun) started several",
});

export const modelOption = choiceOption({
  flag: "model",
  choices: ["auto", "replicated", "allgather", "slab"],
  default: "auto",
  group: "advanced",
  help: "How ranks hold the Fourier volumes of a map: each whole, all but one in slabs, or everything in slabs; auto takes slabs where whole ones would crowd the memory, and the result does not depend on it",
});

export const modelGroupsOption = integerOption({
  flag: "model-groups",
  unit: "count",
  default: 1,
  min: 1,
  group: "advanced",
  help: "Groups of ranks that each hold a whole model in slabs; must divide the number of ranks",
});

export const memoryOption = numberOption({
  flag: "memory",
  unit: "GB",
  default: 0,
  min: 0,
  help: "Memory to plan for; 0 is 75 % of what is free",
});

export const deviceOption = choiceOption({
  flag: "device",
  choices: ["auto", "cpu", "reference"],
  default: "auto",
  group: "advanced",
  help: "Where kernels run; reference is the slow, readable TypeScript twin",
});

export const isaOption = choiceOption({
  flag: "isa",
  choices: ["auto", "sse2", "avx2", "avx512"],
  default: "auto",
  group: "advanced",
  help: "Instruction set of the kernels; same seed, same bytes holds within one",
});

export const particleRootOption = optionalPath({
  flag: "particle-root",
  valueName: "folder",
  group: "advanced",
  help: "Folder that image names are relative to; none looks beside the particle file, then in the working folder",
});
