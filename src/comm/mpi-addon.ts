import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

type View = Uint8Array | Float64Array | BigInt64Array | Int32Array;

/**
 * build/vitreous-mpi.node: one thread that makes all MPI calls. Views are held until the promise settles. A group is −1 (all ranks) or
 * an id that was given to `split`.
 */
export interface MpiAddon {
  start(settings: { cutBytes?: number; sumElements?: number; silenceSeconds?: number }): Promise<void>;
  /** After `start`: the library's own name, place in the world, "host pid start" of each rank by line. */
  facts(): {
    readonly library: string;
    readonly rank: number;
    readonly size: number;
    readonly identities: string;
  };
  send(group: number, bytes: View, to: number, tag: number): Promise<void>;
  receive(group: number, bytes: View, from: number, tag: number): Promise<void>;
  shift(group: number, outgoing: View, incoming: View): Promise<void>;
  allGather(group: number, own: View, all: View, byteCounts: readonly number[]): Promise<void>;
  allToAll(
    group: number,
    outgoing: View,
    sendByteCounts: readonly number[],
    incoming: View,
    receiveByteCounts: readonly number[],
  ): Promise<void>;
  reduceScatterFixed(group: number, values: View, own: View, counts: readonly number[]): Promise<void>;
  allReduceSum(group: number, values: View): Promise<void>;
  allReduceSumFixed(group: number, values: View): Promise<void>;
  allReduceMax(group: number, values: View): Promise<void>;
  broadcast(group: number, bytes: View, root: number): Promise<void>;
  barrier(group: number): Promise<void>;
  /** Writes [rank, size] of the new group into `facts`. */
  split(group: number, colour: number, key: number, id: number, facts: Int32Array): Promise<void>;
  free(group: number): Promise<void>;
  finish(): Promise<void>;
  /** Ends the job, all ranks, at once. */
  abort(code: number): void;
}

// The same distance from src/comm and from dist/comm.
const addonPath = fileURLToPath(new URL("../../build/vitreous-mpi.node", import.meta.url));

/** Whether the addon was built: only where set-up found an MPI. */
export function hasMpiAddon(): boolean {
  return existsSync(addonPath);
}

/** Throws what the system says where it is missing or does not load. */
export function loadMpiAddon(): MpiAddon {
  return createRequire(import.meta.url)(addonPath) as MpiAddon;
}
