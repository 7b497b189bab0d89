import type { DeviceBuffer } from "../buffer.ts";

/**
 * Sum over a point group: out(p) = Σ_g A(G_g p), trilinear (exact at operators that map voxels onto voxels), within
 * |p| ≤ accumulatorRadiusPx; 0 beyond.
 */
export interface SymmetriseArgs {
  readonly accumulatorRadiusPx: number;
  /** f32 [operatorCount][9] row-major, identity included. */
  readonly operators: DeviceBuffer;
  readonly operatorCount: number;
  /** f32 FourierBox complex */
  readonly forward: DeviceBuffer;
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outForward: DeviceBuffer;
  /** f32, overwritten, not the input */
  readonly outWeight: DeviceBuffer;
}
