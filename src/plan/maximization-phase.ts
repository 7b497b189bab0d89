import { shareOf } from "../comm/share.ts";
import { type ModelMode, modelUnitBytes } from "../maximization/model-ranks.ts";
import type { ClusterModel, NetworkModel } from "./cluster-model.ts";
import { allGatherCost, allReduceCost, allToAllCost, type CollectiveCost, reduceScatterCost } from "./collectives.ts";
import { fullestOwner, messageSeconds, packingSeconds, repeatedInsertion, sentToOwners } from "./insertion-work.ts";
import { type KernelFlops, type KernelRates, kernelSeconds } from "./kernel-rates.ts";
import type { PhaseTime } from "./phase-time.ts";
import type { RoundWork } from "./round-work.ts";
import { particlesIn } from "./shares.ts";

/**
 * How the model is held. `replicated`: whole on each rank (4 volumes). `allgather`: F, T and W in slabs, C gathered whole in each gridding
 * iteration (1 + 3/n; the published design). `slab`: everything in slabs, distributed transforms (4/n).
 */
export const MODEL_MODES: readonly ModelMode[] = ["replicated", "allgather", "slab"];

export interface MaximizationInput {
  readonly work: RoundWork;
  readonly rates: KernelRates;
  readonly cluster: ClusterModel;
  readonly mode: ModelMode;
  /** Groups of ranks, each of which holds a whole model and makes every map. */
  readonly groups: number;
  /** [ranks] factor of each one's compute time. */
  readonly slowness: Float64Array;
  readonly particleCount: number;
  /** Particles of a block, the smallest share of a rank. */
  readonly blockSize: number;
  readonly boxPx: number;
  readonly paddingFactor: number;
  readonly isSymmetric: boolean;
  readonly readBytesPerImage: number;
}

/** F complex and T as three 64-bit integers; as floats once complete. */
const ACCUMULATOR_BYTES = 24;
const COMPLETE_BYTES = 12;
/** Whole sums are added up beside a slab's only up to this size. */
const DENSE_BYTES = 32 * 2 ** 20;
/** What every rank learns of every particle: pose, evidence, weights. */
const RESULT_BYTES = 64;

/** Simulates the M phase of one round: insertion, exchange of the sums, reconstructions, maps back to every rank. */
export function simulateMaximization(input: MaximizationInput): PhaseTime {
  const { work, rates, cluster, slowness, mode } = input;
  const n = slowness.length;
  const { network, node } = cluster;
  const seconds = (flops: KernelFlops) => kernelSeconds(flops, rates, node);
  const slowest = slowness.reduce((a, b) => Math.max(a, b), 0);
  const members = mode === "replicated" ? 1 : Math.max(1, Math.floor(n / input.groups));
  const parts = { insertion: 0, waiting: 0, sums: 0, completion: 0, transforms: 0, gridding: 0, maps: 0 };
  let sentBytes = 0;
  let clock = 0;
  const add = (part: keyof typeof parts, cost: CollectiveCost | number) => {
    const time = typeof cost === "number" ? cost : cost.seconds + stolenSeconds(cost.sentBytes, cluster);
    if (typeof cost !== "number") sentBytes += cost.sentBytes;
    parts[part] += time;
    clock += time;
  };
  const { insert, ...preparation } = work.maximization;
  const isDense = isDenseExchange(input, members);
  const atOwners = mode !== "replicated" && !isDense && work.insertion !== null ? work.insertion : null;
  const insertS = seconds({ insert: insert ?? 0 });
  const perImage =
    work.insertion === null
      ? 0
      : seconds(preparation) +
        rates.hostSeconds.maximization +
        (atOwners ? packingSeconds(atOwners, members, rates) : insertS) +
        input.readBytesPerImage / (1e9 * node.storageGBps);
  for (const half of [0, 1]) {
    const halfCount = Math.floor((input.particleCount + half) / 2);
    const blocks = Math.ceil(halfCount / input.blockSize);
    const inserted = slowness.map(
      (slow, k) => particlesIn(shareOf(blocks, k, n), input.blockSize, halfCount) * perImage * slow,
    );
    const mean = inserted.reduce((a, b) => a + b, 0) / n;
    const last = inserted.reduce((a, b) => Math.max(a, b), 0);
    add("insertion", mean);
    add("waiting", last - mean);
    if (atOwners) {
      const owned = (halfCount / n) * insertS * repeatedInsertion(atOwners, members) * slowest;
      add("insertion", owned + messageSeconds(atOwners, halfCount / n, members, rates));
      add("waiting", owned * (fullestOwner(atOwners, members) - 1));
    }
    for (const cost of sumCosts(input, halfCount / n, members, isDense)) add("sums", cost);
    if (work.insertion === null) continue;
    add("completion", (seconds(work.finish) * slowest) / members);
    if (input.isSymmetric && members > 1) {
      add("completion", allToAllCost(members, (COMPLETE_BYTES * work.boxVoxels) / members, network));
    }
  }
  for (let map = 0; map < work.reconstructions; map++) reconstruction(input, members, slowest, add);
  mapsToAll(input, members, add);
  return { seconds: clock, parts, sentBytes };
}

/** As refine decides it (src/maximization/insertion.ts): whole sums where they are small and fewer bytes than one slice of each image. */
function isDenseExchange({ work, particleCount }: MaximizationInput, members: number): boolean {
  const bytes = ACCUMULATOR_BYTES * work.boxVoxels;
  const slices = (16 * (work.insertion?.pixelCount ?? 0) * particleCount) / 2;
  return bytes <= DENSE_BYTES && slices > bytes * members;
}

/** From every rank's insertions to the owners of the sums. */
function sumCosts(
  input: MaximizationInput,
  imagesPerRank: number,
  members: number,
  isDense: boolean,
): CollectiveCost[] {
  const { work, cluster, slowness, mode, groups } = input;
  const { network, node } = cluster;
  const n = slowness.length;
  const bytes = ACCUMULATOR_BYTES * work.boxVoxels;
  const addSecondsPerByte = 3 / (1e9 * node.memoryGBps);
  if (work.insertion === null) return [];
  if (mode === "replicated") return [allReduceCost(n, bytes, network, addSecondsPerByte)];
  const inGroup = isDense
    ? reduceScatterCost(members, bytes, network, addSecondsPerByte)
    : allToAllCost(members, sentToOwners(work.insertion, members) * imagesPerRank, network);
  return groups > 1 ? [inGroup, allReduceCost(groups, bytes / members, network, addSecondsPerByte)] : [inGroup];
}

/** One map from its sums, by all members of a group. */
function reconstruction(
  input: MaximizationInput,
  members: number,
  slowest: number,
  add: (part: "transforms" | "gridding", cost: CollectiveCost | number) => void,
): void {
  const { work, rates, cluster, mode, boxPx, paddingFactor } = input;
  const { network, node } = cluster;
  const size = paddingFactor * boxPx;
  const iterations = work.griddingIterations;
  const step = kernelSeconds(work.griddingStep, rates, node) * slowest;
  const transform = kernelSeconds(work.transform, rates, node) * slowest;
  if (mode === "replicated") {
    add("gridding", iterations * step);
    add("transforms", transform);
    return;
  }
  // Planes cannot be split further: ranks beyond their number stand idle in the transforms.
  const planes = size / 2 + 1;
  const working = Math.min(members, planes);
  // A real, even grid is half of the complex one; of the last transform only the map's planes are kept.
  const half = modelUnitBytes(boxPx, paddingFactor) / 2;
  const turn = allToAllCost(working, half / working, network);
  if (mode === "slab") {
    add("gridding", (iterations * step) / working);
    add("gridding", repeated(turn, 2 * iterations));
  } else {
    // Lines in slabs, planes (two of three dimensions) whole on every rank.
    add("gridding", iterations * step * (1 / (3 * working) + 2 / 3));
    add("gridding", repeated(allGatherCost(members, half, network), iterations));
  }
  add("transforms", transform / working);
  add("transforms", turn);
}

/** Masks, FSC and files of the half maps; the next reference and what was found of each particle to every rank. */
function mapsToAll(
  input: MaximizationInput,
  members: number,
  add: (part: "maps", cost: CollectiveCost | number) => void,
): void {
  const { work, cluster, rates, boxPx, slowness } = input;
  const { network, node } = cluster;
  const voxels = boxPx ** 3;
  add("maps", kernelSeconds(work.mapTransforms, rates, node));
  add("maps", rates.hostSeconds.maximizationRound + 2 * voxels * rates.hostSeconds.mapVoxel);
  add("maps", (2 * 4 * voxels) / (1e9 * node.storageGBps));
  // References are whole on every rank: slices are cut from them.
  if (input.mode !== "replicated") add("maps", allGatherCost(members, work.reconstructions * 4 * voxels, network));
  add("maps", allGatherCost(slowness.length, RESULT_BYTES * input.particleCount, network));
}

function repeated(cost: CollectiveCost, times: number): CollectiveCost {
  return { seconds: times * cost.seconds, sentBytes: times * cost.sentBytes };
}

function stolenSeconds(
  sentBytes: number,
  cluster: { readonly network: NetworkModel; readonly node: { readonly cores: number } },
): number {
  return (2 * sentBytes * cluster.network.coreSecondsPerByte) / cluster.node.cores;
}
