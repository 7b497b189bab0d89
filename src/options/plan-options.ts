import { choiceOption, integerOption, numberOption, pathOption, required, switchOption } from "./kinds.ts";
import type { OptionInput, OptionValues } from "./option.ts";
import { refineTable } from "./refine-options.ts";

/** What is known of the machine: a preset and what is known better. Shared by `plan` and `bench`. */
export const clusterTable = {
  cluster: choiceOption({
    flag: "cluster",
    choices: ["cluster", "taihulight", "haswell"],
    default: "cluster",
    help: "Nodes and network: a common 100 Gb/s cluster, or one of the design paper's machines (SW26010 nodes; two E5-2670 v3 a node)",
  }),
  rates: pathOption({
    flag: "rates",
    valueName: "default|measure|file.json",
    default: "default",
    help: "Kernel rates of one core: those of docs/performance.md, a measurement of a few seconds here, or a file of bench/results/",
  }),
  coreGflops: numberOption({
    flag: "core-gflops",
    unit: "GFLOP/s",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Single-precision multiply-add peak of a core; 0 is the preset's",
  }),
  nodeBandwidthGBps: numberOption({
    flag: "memory-bandwidth",
    unit: "GB/s",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Memory bandwidth of a rank; 0 is the preset's",
  }),
  storageGBps: numberOption({
    flag: "storage",
    unit: "GB/s",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Share of the file system that a rank gets; 0 is the preset's",
  }),
  networkGbps: numberOption({
    flag: "network",
    unit: "Gb/s",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Bandwidth of a rank's link, each way, as reached; 0 is the preset's",
  }),
  latencyUs: numberOption({
    flag: "latency",
    unit: "µs",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Time of an empty message; 0 is the preset's",
  }),
  globalShare: numberOption({
    flag: "global-share",
    unit: "0 … 1",
    default: 0,
    min: 0,
    max: 1,
    group: "advanced",
    help: "Share of the link's bandwidth left when all ranks talk to far ones; 0 is the preset's",
  }),
  stragglerSd: numberOption({
    flag: "straggler-sd",
    unit: "share",
    default: 0.03,
    min: 0,
    max: 2,
    group: "advanced",
    help: "How unequal nodes are: standard deviation of the logarithm of their speed",
  }),
  seed: integerOption({
    flag: "seed",
    unit: "number",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Seed of the nodes' speeds",
  }),
} as const;

/** Options of `plan`: no data needed. */
export const planTable = {
  particleCount: required(
    integerOption({ flag: "particles", unit: "count", default: 1, min: 2, group: "input", help: "Particle images" }),
  ),
  boxPx: required(
    integerOption({
      flag: "box",
      unit: "px",
      default: 1,
      min: 16,
      max: 4096,
      group: "input",
      help: "Side of an image",
    }),
  ),
  pixelSizeA: required(
    numberOption({ flag: "pixel-size", unit: "Å", default: 1, min: 0.01, group: "input", help: "Size of a pixel" }),
  ),
  rankCount: integerOption({
    flag: "ranks",
    unit: "count",
    default: 1,
    min: 1,
    max: 65_536,
    aliases: ["nr_mpi"],
    help: "Processes: nodes, sockets or GPUs, not cores",
  }),
  threads: integerOption({
    flag: "threads",
    unit: "count",
    default: 0,
    min: 0,
    max: 4096,
    aliases: ["j"],
    help: "Cores of a rank; 0 is the preset's",
  }),
  memoryGb: numberOption({
    flag: "memory",
    unit: "GB",
    default: 0,
    min: 0,
    help: "Memory of a rank; 0 is the preset's",
  }),
  maskDiameterA: refineTable.maskDiameterA,
  symmetry: refineTable.symmetry,
  initialResolutionA: refineTable.initialResolutionA,
  finestResolutionA: numberOption({
    flag: "resolution",
    unit: "Å",
    default: 0,
    min: 0,
    help: "Resolution that the run is expected to reach; 0 is three pixels",
  }),
  slices: choiceOption({
    flag: "slices",
    choices: ["auto", "recompute", "allgather", "allreduce", "grouped", "conveyor"],
    default: "auto",
    help: "How slices of the reference reach every rank; auto takes the fastest that fits",
  }),
  sliceGroup: integerOption({
    flag: "slice-group",
    unit: "ranks",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Ranks per group of --slices grouped; 0 is the largest divisor of the ranks up to their square root",
  }),
  model: choiceOption({
    flag: "model",
    choices: ["auto", "replicated", "allgather", "slab"],
    default: "auto",
    help: "How the model is held in the maximization phase; auto takes the fastest that fits",
  }),
  modelGroups: integerOption({
    flag: "model-groups",
    unit: "count",
    default: 0,
    min: 0,
    group: "advanced",
    help: "Groups of ranks that each hold a whole model; 0 tries 1, 2 and 4; refine takes 1 unless told otherwise",
  }),
  largestRankCount: integerOption({
    flag: "up-to",
    unit: "ranks",
    default: 4096,
    min: 1,
    max: 65_536,
    group: "advanced",
    help: "Largest rank count looked at for where more ranks stop helping",
  }),
  paddingFactor: refineTable.paddingFactor,
  offsetSigmaA: refineTable.offsetSigmaA,
  rotationsPerImage: refineTable.rotationsPerImage,
  shiftsPerRotation: refineTable.shiftsPerRotation,
  insertedRotations: refineTable.insertedRotations,
  keepCells: refineTable.keepCells,
  scanResolutionA: refineTable.scanResolutionA,
  griddingIterations: refineTable.griddingIterations,
  batchParticles: refineTable.batchParticles,
  checkpointParticles: {
    ...refineTable.checkpointParticles,
    help: "Images between two entries of the checkpoint journal: the smallest share of a rank",
  },
  ...clusterTable,
  json: switchOption({ flag: "json", help: "Print the whole plan as JSON" }),
} as const;

export type PlanOptions = OptionValues<typeof planTable>;
export type PlanInput = OptionInput<typeof planTable>;
export type ClusterOptions = OptionValues<typeof clusterTable>;
