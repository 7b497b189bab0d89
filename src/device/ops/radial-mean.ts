import type { DeviceBuffer } from "../buffer.ts";

/** Mean of T per shell round(|p| / padding) over the whole (Hermitian) sphere: x > 0 counts twice. */
export interface RadialMeanArgs {
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  readonly paddingFactor: number;
  readonly shellCount: number;
  /** f64 [shellCount], overwritten */
  readonly out: DeviceBuffer;
}
