import type { DeviceBuffer } from "../buffer.ts";
import type { ImageSetArgs, PointSetArgs, ReferenceArgs } from "./image-set.ts";

/**
 * Posterior-weighted sums per image and shell, for noise, norm and scale: with M = scale·C·S·e^{−2πi k·t/N},
 *   residual = Σ_points w Σ_k |X − M|²,  cross = Σ w Σ Re conj(X) M / scale,  power = Σ w Σ |M|² / scale².
 * The points of one rotation are merged first (Σ_t w_t X e^{+2πi k·t/N}, in 2D). Weights of an image sum to 1 (or are all 0:
 * zeros come out). Shells beyond the reference's maxShell: residual = Σ|X|². All shells of the band, DC included.
 */
export interface ResidualsArgs extends ImageSetArgs, ReferenceArgs, PointSetArgs {
  /** f32 [activeCount][M][T] */
  readonly weights: DeviceBuffer;
  /** f64 [activeCount][3][shellCount], overwritten: residual, cross, power. */
  readonly out: DeviceBuffer;
}
