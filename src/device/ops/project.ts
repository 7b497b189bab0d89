import type { DeviceBuffer } from "../buffer.ts";
import type { BandArgs, ReferenceArgs } from "./image-set.ts";

/** Slices of one panel of a slice block: the vector dimension of compare. */
export const SLICE_PANEL = 16;

/**
 * Central slices of a reference: out(k) = V(padding · R (kx, ky, 0)ᵀ), trilinear, x < 0 by conj V(−p).
 *
 * layout "panels": f32 [ceil(rotationCount / 16)][pixelCount − firstPixel][3][16] = real, imaginary, power |S|² of 16
 * slices side by side (what compare reads); missing slices of the last panel are 0.
 * layout "planes": f32 [rotationCount][2][pixelCount − firstPixel].
 */
export interface ProjectArgs extends BandArgs, ReferenceArgs {
  /** f32 [rotationCount][4]: unit quaternions. */
  readonly rotations: DeviceBuffer;
  readonly rotationCount: number;
  /** First and one-past-last pixel of the band to extract. */
  readonly firstPixel: number;
  readonly pixelCount: number;
  readonly layout: "panels" | "planes";
  /** overwritten */
  readonly out: DeviceBuffer;
}
