import type { DeviceBuffer } from "../buffer.ts";
import type { ImageSetArgs, PointSetArgs, ReferenceArgs } from "./image-set.ts";

/**
 * Log-likelihood of each image's own support points, projecting and comparing in one pass (no slice is stored).
 *
 * out = Re Σ conj(X) a e^{−2πi k·t/N} S − ½ Σ a·scale·C·|S|², a = scale·C/σ², pixels [firstPixel, pixelCount): the
 * log-likelihood less that of "no signal". Sums in float32 blocks of at most 256 pixels added in float64.
 */
export interface ScorePointsArgs extends ImageSetArgs, ReferenceArgs, PointSetArgs {
  readonly firstPixel: number;
  readonly pixelCount: number;
  /** f32 [activeCount][rotationsPerImage][shiftsPerRotation], overwritten. */
  readonly out: DeviceBuffer;
}
