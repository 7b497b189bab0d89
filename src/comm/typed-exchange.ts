import { bytesOf } from "./share.ts";
import type { Communicator } from "./types.ts";

type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array;

/**
 * All-to-all of numbers. `sendCounts` and `receiveCounts` are elements, in rank order; `incoming` has room for what comes. One rank
 * keeps what it has: `incoming` is then left alone and `outgoing` returned.
 */
export async function exchangeNumbers<T extends Numbers>(
  comm: Communicator,
  outgoing: T,
  sendCounts: readonly number[],
  incoming: T,
  receiveCounts: readonly number[],
): Promise<T> {
  if (comm.size === 1) return outgoing;
  const size = outgoing.BYTES_PER_ELEMENT;
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  await comm.allToAll(
    bytesOf(outgoing).subarray(0, size * total(sendCounts)),
    sendCounts.map((count) => size * count),
    bytesOf(incoming).subarray(0, size * total(receiveCounts)),
    receiveCounts.map((count) => size * count),
  );
  return incoming;
}

/** Every rank's `own` in rank order; `counts` are elements. */
export async function gatherNumbers<T extends Numbers>(
  comm: Communicator,
  own: T,
  all: T,
  counts: readonly number[],
): Promise<void> {
  await comm.allGather(
    bytesOf(own),
    bytesOf(all),
    counts.map((count) => own.BYTES_PER_ELEMENT * count),
  );
}
