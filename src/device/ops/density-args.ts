import type { DeviceBuffer } from "../buffer.ts";
import type { RowsArgs } from "./shell-sums.ts";

/** T of some rows and what makes it the density D of `reconstruct`. */
export interface DensityArgs extends RowsArgs {
  /** f32 [rowCount][2R+3][R+2] */
  readonly weight: DeviceBuffer;
  /** M, even. */
  readonly gridPx: number;
  readonly paddingFactor: number;
  readonly maxShell: number;
  /** f64 [maxShell + 1] */
  readonly prior: DeviceBuffer;
  /** f64 [maxShell + 1] mean of T + prior per shell rounded down, of all rows */
  readonly shellMean: DeviceBuffer;
  /** Mean of T + prior inside; 0: nothing was inserted. */
  readonly mean: number;
  /** Decides the floor of D: 0 is the direct weight. */
  readonly griddingIterations: number;
}
