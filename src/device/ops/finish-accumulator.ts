import type { DeviceBuffer } from "../buffer.ts";

/**
 * Fixed-point accumulator → float F and T in the same FourierBox, with the Hermitian plane completed:
 * F(0,y,z) += conj F(0,−y,−z), T(0,y,z) += T(0,−y,−z) (from the values before).
 */
export interface FinishAccumulatorArgs {
  /** i64 [sizeZ][sizeY][sizeX][3] */
  readonly accumulator: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  readonly forwardScale: number;
  readonly weightScale: number;
  /** f32 [sizeZ][sizeY][sizeX][2], overwritten */
  readonly forward: DeviceBuffer;
  /** f32 [sizeZ][sizeY][sizeX], overwritten */
  readonly weight: DeviceBuffer;
}
