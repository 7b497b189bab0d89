import type { SliceMode } from "../expectation/slices/cost.ts";
import type { ClusterModel } from "./cluster-model.ts";
import type { KernelRates } from "./kernel-rates.ts";
import type { RoundWork } from "./round-work.ts";

/** An E phase to be simulated. */
export interface ExpectationInput {
  readonly work: RoundWork;
  readonly rates: KernelRates;
  readonly cluster: ClusterModel;
  readonly mode: SliceMode;
  /** Ranks per group of `grouped`; 0: about the square root of the ranks. */
  readonly groupSize: number;
  /** [ranks] factor of each one's compute time. */
  readonly slowness: Float64Array;
  readonly particleCount: number;
  /** Particles of a block, the smallest share of a rank, and most blocks that meet the slices together. */
  readonly blockSize: number;
  readonly blocksPerBatch: number;
  /** Bytes of one raw image, read again in each phase where they do not stay in memory; 0: they stay. */
  readonly readBytesPerImage: number;
  /** Bytes of one image's posterior, appended to the journal. */
  readonly journalBytesPerImage: number;
}
