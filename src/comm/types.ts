/**
 * Many processes seen as one: what a rank can ask of the others. Everything above this layer is written against it, so that one
 * process is the case size = 1.
 *
 * Rules for every call:
 * - collectives are called by all ranks of the communicator, in the same order, with arguments that fit each other, one after the
 *   other: one that is called while another, or a shift, is under way is refused (shifts may overlap one another, sends and receives anything);
 * - a view handed over (plain or over a SharedArrayBuffer) belongs to the call until its promise settles;
 * - counts and offsets are plain numbers and may exceed 2^31: an implementation cuts its messages;
 * - data moves as bytes; only sums know an element type, and each sum gives every rank the same bytes, whatever the algorithm.
 */
export interface Communicator {
  readonly rank: number;
  readonly size: number;
  /** Sends `bytes` to rank `to`; settles when the bytes may be written again. Matched by (from, tag), in order. */
  send(bytes: Uint8Array, to: number, tag: number): Promise<void>;
  /** Fills `into` from rank `from`; a message of another length is an error. */
  receive(into: Uint8Array, from: number, tag: number): Promise<void>;
  /** The ring: `outgoing` goes to rank + 1, `incoming` comes from rank − 1 (their lengths may differ). Several shifts may be under way. */
  shift(outgoing: Uint8Array, incoming: Uint8Array): Promise<void>;
  /** Concatenates every rank's `own`, in rank order, into `all`; `byteCounts[r]` is rank r's length (the sum is `all`'s). */
  allGather(own: Uint8Array, all: Uint8Array, byteCounts: readonly number[]): Promise<void>;
  /**
   * Personal messages: `outgoing` is cut by `sendByteCounts` (rank order), `incoming` filled by `receiveByteCounts`.
   * What rank a sends to b is what b receives from a.
   */
  allToAll(
    outgoing: Uint8Array,
    sendByteCounts: readonly number[],
    incoming: Uint8Array,
    receiveByteCounts: readonly number[],
  ): Promise<void>;
  /** Element-wise sum of fixed-point numbers over ranks, cut by `counts` (elements, rank order): `own` gets this rank's part. */
  reduceScatterFixed(values: BigInt64Array, own: BigInt64Array, counts: readonly number[]): Promise<void>;
  /** Element-wise sum over ranks, in rank order; every rank gets the same bytes. */
  allReduceSum(values: Float64Array): Promise<void>;
  /** Element-wise sum of fixed-point numbers: associative, so any algorithm gives the same bytes. */
  allReduceSumFixed(values: BigInt64Array): Promise<void>;
  /** Element-wise maximum over ranks. */
  allReduceMax(values: Float64Array): Promise<void>;
  /** Copies rank `root`'s bytes into `bytes` of every other rank. */
  broadcast(bytes: Uint8Array, root: number): Promise<void>;
  barrier(): Promise<void>;
  /** The ranks of equal `colour`, ordered by `key` then by rank here. Freed with `close`. */
  split(colour: number, key: number): Promise<Communicator>;
  /** Frees what this communicator holds; the world's own `close` ends the process' part in the job. */
  close(): Promise<void>;
}
