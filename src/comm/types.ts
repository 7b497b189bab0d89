/**
 * Many processes seen as one: what a rank can ask of the others. Everything above this layer is written against it, so that one
 * process is the case size = 1.
 */
export interface Communicator {
  readonly rank: number;
  readonly size: number;
  /** Element-wise sum over ranks, in rank order; every rank gets the same bytes. */
  allReduceSum(values: Float64Array): Promise<void>;
  /** Element-wise sum of fixed-point numbers: associative, so any algorithm gives the same bytes. */
  allReduceSumFixed(values: BigInt64Array): Promise<void>;
  /** Copies rank `root`'s bytes into `bytes` of every other rank. */
  broadcast(bytes: Uint8Array, root: number): Promise<void>;
  barrier(): Promise<void>;
}
