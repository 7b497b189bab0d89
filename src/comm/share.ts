import type { Communicator } from "./types.ts";

/** A run of consecutive items. */
export interface Share {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** Rank's share of `count` items: consecutive, in rank order, no two shares differing by more than one item. */
export function shareOf(count: number, rank: number, size: number): Share {
  return { first: Math.floor((count * rank) / size), end: Math.floor((count * (rank + 1)) / size) };
}

export function ownShare(count: number, { rank, size }: Communicator): Share {
  return shareOf(count, rank, size);
}

/** Bytes of any typed array, for calls that move bytes. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Fills in what the other ranks made: `rows` holds `count` rows, of which this rank wrote those of its share.
 */
export async function gatherShares(
  comm: Communicator,
  rows: Float32Array | Float64Array | Int32Array,
  count: number,
): Promise<void> {
  const bytes = bytesOf(rows);
  const width = count > 0 ? bytes.length / count : 0;
  const counts = Array.from({ length: comm.size }, (_, rank) => {
    const share = shareOf(count, rank, comm.size);
    return width * (share.end - share.first);
  });
  const { first, end } = ownShare(count, comm);
  // A copy: parts of one array may not be read and written at once.
  await comm.allGather(bytes.slice(width * first, width * end), bytes, counts);
}
