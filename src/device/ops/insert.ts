import type { DeviceBuffer } from "../buffer.ts";
import type { ImageSetArgs, PointSetArgs } from "./image-set.ts";

/**
 * Adds weighted images into a Fourier accumulator: the adjoint of `project`.
 *
 *   F(p) += u·Σ_t w_t · scale·C·X·e^{+2πi k·t/N}/σ²,  T(p) += u·(Σ_t w_t)·(scale·C)²/σ²,  p = padding·R (kx, ky, 0)ᵀ
 * spread on 8 neighbours with trilinear weights; p with x < 0 goes to −p, conjugated. u = imageWeight. Points of one rotation are
 * merged in 2D before the one 3D insertion; weights of exactly 0 are skipped. Pixels [0, pixelCount), |k| ≤ N/2.
 * Accumulator: i64 [sizeZ][sizeY][sizeX][3] (Re F, Im F, T) of the FourierBox of radius accumulatorRadiusPx, fixed point:
 * integer addition is associative, so the bytes do not depend on threads, batches, ranks or order.
 * A contribution is rounded to nearest after multiplication by forwardScale (F) or weightScale (T).
 */
export interface InsertArgs extends ImageSetArgs, PointSetArgs {
  /** f32 [activeCount][M][T] */
  readonly weights: DeviceBuffer;
  /** f32 [imageCount]: p(good), 0 … 1. */
  readonly imageWeight: DeviceBuffer;
  readonly pixelCount: number;
  readonly paddingFactor: number;
  readonly accumulatorRadiusPx: number;
  readonly forwardScale: number;
  readonly weightScale: number;
  readonly accumulator: DeviceBuffer;
}
