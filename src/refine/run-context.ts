import type { Communicator } from "../comm/types.ts";
import type { EventLog } from "../core/events.ts";
import type { Device } from "../device/types.ts";
import type { Mates } from "../geometry/mates.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import type { Fft3 } from "../map/fft3.ts";
import type { ModelRanks } from "../maximization/model-ranks.ts";
import type { RefineOptions } from "../options/refine-options.ts";
import type { DeviceBand } from "../particles/image-set.ts";
import type { Dataset } from "./dataset.ts";

/** What stays the same through a run: the machine, the data, the options and what follows from them. */
export interface RunContext {
  readonly device: Device;
  readonly comm: Communicator;
  /** How many ranks there are, and why: for people. */
  readonly ranks: string;
  /** This process prints and writes: rank 0. */
  readonly isFirst: boolean;
  /** How the Fourier volumes of the maximization phase lie on the ranks. */
  readonly modelRanks: ModelRanks;
  readonly fft: Fft3;
  readonly options: RefineOptions;
  readonly data: Dataset;
  /** Imposed on poses and maps until symmetry is relaxed: read it through `mapGroupOf`. */
  readonly group: PointGroup;
  /** What particles choose among once symmetry is relaxed; null: it never is. */
  readonly mates: Mates | null;
  /** All shells of an image: 0 … boxPx/2. */
  readonly band: DeviceBand;
  readonly largestShell: number;
  readonly diameterA: number;
  /** Circular mask of the images, px. */
  readonly imageMask: { readonly radiusPx: number; readonly edgePx: number };
  /** [N³] soft sphere of the mask diameter. */
  readonly sphereMask: Float32Array;
  /** [N³] mask of a file; null: made from the maps, or the sphere. */
  readonly givenMask: Float32Array | null;
  readonly blockSize: number;
  readonly blocksPerBatch: number;
  /** Bytes of slices that may be held at once. */
  readonly heldSliceBytes: number;
  readonly signal: AbortSignal;
  readonly log: EventLog;
}
