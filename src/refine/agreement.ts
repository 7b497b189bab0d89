import { bytesOf } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import { DataError } from "../core/errors.ts";
import { checksum } from "../io/node/checksum.ts";

/** What ranks must have alike: a name for the message, and a text that is equal where they agree. */
export type Agreed = readonly (readonly [name: string, text: string])[];

/**
 * Refuses ranks that were started with other options, versions or files than rank 0: their sums would mix two runs. Collective; the
 * ranks that differ throw.
 */
export async function expectAgreement(comm: Communicator, agreed: Agreed): Promise<void> {
  if (comm.size === 1) return;
  const encoder = new TextEncoder();
  const own = encoder.encode(JSON.stringify(agreed));
  const length = Float64Array.of(own.length);
  await comm.broadcast(bytesOf(length), 0);
  const first = comm.rank === 0 ? own : new Uint8Array(length[0]!);
  await comm.broadcast(first, 0);
  const expected = new Map(JSON.parse(new TextDecoder().decode(first)) as Agreed);
  const differing = agreed.filter(([name, text]) => expected.get(name) !== text);
  if (differing.length === 0) return;
  const shown = differing.map(
    ([name, text]) => `${name} is ${text} here and ${expected.get(name) ?? "unknown"} on rank 0`,
  );
  throw new DataError(
    `rank ${comm.rank} differs from rank 0: ${shown.join("; ")}. Start every rank with the same program, options and files.`,
    { rank: comm.rank },
  );
}

/**
 * Refuses ranks whose results differ: each computes the model anew, and a machine that rounds otherwise would drift away unseen.
 * Collective.
 */
export async function expectSameBytes(comm: Communicator, what: string, bytes: () => Uint8Array): Promise<void> {
  if (comm.size === 1) return;
  const sums = new Int32Array(comm.size);
  sums[comm.rank] = checksum(bytes()) | 0;
  await comm.allGather(bytesOf(sums.slice(comm.rank, comm.rank + 1)), bytesOf(sums), new Array(comm.size).fill(4));
  const other = sums.findIndex((sum) => sum !== sums[0]);
  if (other < 0) return;
  throw new DataError(
    `${what}: rank ${other} has other bytes than rank 0. Do all hosts have the same kind of processor? Give --isa the lowest of them.`,
    { rank: other },
  );
}
