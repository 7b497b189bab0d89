import type { DeviceBuffer } from "../buffer.ts";

/** Cubic transforms: real [n³] ↔ half-complex interleaved [n][n][n/2+1]; forward unnormalised, inverse divides by n³. No phase-origin factor. */
export interface Fft3Args {
  readonly sizePx: number;
  /** f32 [n³]; read by forward, overwritten by inverse */
  readonly real: DeviceBuffer;
  /** f32 [n][n][n/2+1][2]; overwritten by forward; read by inverse */
  readonly complex: DeviceBuffer;
}
