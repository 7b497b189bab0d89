import { bytesOf, ownShare, type Share, shareOf } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import type { Dataset } from "./dataset.ts";

/** What says which blocks are whose: part of RunContext. */
interface BlockContext {
  readonly comm: Communicator;
  readonly data: Pick<Dataset, "halves">;
  readonly blockSize: number;
}

/** Checkpoint blocks of a half-set that this rank works on: an even share of each half-set, the same in every round. */
export function ownBlocks({ comm, data, blockSize }: BlockContext, half: 0 | 1): Share {
  return ownShare(blockCount(data.halves[half].length, blockSize), comm);
}

/** Particles in this rank's blocks of a half-set. */
export function ownParticleCount(context: BlockContext, half: 0 | 1): number {
  const { first, end } = ownBlocks(context, half);
  const count = context.data.halves[half].length;
  return Math.min(end * context.blockSize, count) - Math.min(first * context.blockSize, count);
}

function blockCount(particleCount: number, blockSize: number): number {
  return Math.ceil(particleCount / blockSize);
}

/**
 * Fills in the rows that other ranks' blocks hold: `rows` has one row for each particle of a half-set, in its order, and this rank has
 * written those of its own blocks. Collective.
 */
export async function gatherBlockRows(
  { comm, blockSize }: BlockContext,
  rows: Float32Array,
  particleCount: number,
): Promise<void> {
  if (comm.size === 1) return;
  const bytes = bytesOf(rows);
  const width = bytes.length / particleCount;
  const blocks = blockCount(particleCount, blockSize);
  const begin = (block: number) => width * Math.min(block * blockSize, particleCount);
  const counts = Array.from({ length: comm.size }, (_, rank) => {
    const share = shareOf(blocks, rank, comm.size);
    return begin(share.end) - begin(share.first);
  });
  const { first, end } = ownShare(blocks, comm);
  await comm.allGather(bytes.slice(begin(first), begin(end)), bytes, counts);
}
