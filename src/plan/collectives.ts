/**
 * Times of collective calls on n ranks, the textbook costs of the algorithms that MPI libraries use (Thakur, Rabenseifner, Gropp 2005).
 * Bytes are those of the whole result unless said otherwise.
 */
import type { NetworkModel } from "./cluster-model.ts";

/** Seconds from the moment the last rank enters, and what each rank puts on the network. */
export interface CollectiveCost {
  readonly seconds: number;
  readonly sentBytes: number;
}

const FREE: CollectiveCost = { seconds: 0, sentBytes: 0 };

/** Everyone ends with all of `bytes`, having 1/n: log n doublings across the machine, or n − 1 steps to the neighbour. */
export function allGatherCost(rankCount: number, bytes: number, network: NetworkModel): CollectiveCost {
  if (rankCount === 1) return FREE;
  const sentBytes = (bytes * (rankCount - 1)) / rankCount;
  const message = network.latencyS + network.overheadS;
  const doubling = Math.ceil(Math.log2(rankCount)) * message + sentBytes / globalBytesPerS(network);
  const ring = (rankCount - 1) * message + sentBytes / network.bytesPerS;
  return { seconds: Math.min(doubling, ring), sentBytes };
}

/** The sum of everyone's `bytes`, cut in n parts: the all-gather in reverse, with the additions. */
export function reduceScatterCost(
  rankCount: number,
  bytes: number,
  network: NetworkModel,
  addSecondsPerByte: number,
): CollectiveCost {
  const { seconds, sentBytes } = allGatherCost(rankCount, bytes, network);
  return { seconds: seconds + sentBytes * addSecondsPerByte, sentBytes };
}

/** Everyone ends with the sum of everyone's `bytes`: a reduce-scatter and an all-gather. */
export function allReduceCost(
  rankCount: number,
  bytes: number,
  network: NetworkModel,
  addSecondsPerByte: number,
): CollectiveCost {
  const scatter = reduceScatterCost(rankCount, bytes, network, addSecondsPerByte);
  const gather = allGatherCost(rankCount, bytes, network);
  return { seconds: scatter.seconds + gather.seconds, sentBytes: scatter.sentBytes + gather.sentBytes };
}

/**
 * Personal messages of every rank to every other, posted at once: the overheads follow each other, the bytes share the link. Lengths vary, so
 * MPI does not combine small messages (MPI_Alltoallv): from some rank count on the overheads are all there is.
 *
 * @param bytesPerRank  what one rank holds before, its own part included
 */
export function allToAllCost(rankCount: number, bytesPerRank: number, network: NetworkModel): CollectiveCost {
  if (rankCount === 1) return FREE;
  const sentBytes = (bytesPerRank * (rankCount - 1)) / rankCount;
  const seconds = (rankCount - 1) * network.overheadS + network.latencyS + sentBytes / globalBytesPerS(network);
  return { seconds, sentBytes };
}

/** Bytes per second of a node while every node talks to far ones. */
function globalBytesPerS(network: NetworkModel): number {
  return network.bytesPerS * network.globalShare;
}
