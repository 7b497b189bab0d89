import type { DeviceBuffer } from "../buffer.ts";

/**
 * Real-space map → reference for `project`: divide by the product sinc²(x/M)sinc²(y/M)sinc²(z/M), zero-pad to M = padding·N,
 * forward FFT (unnormalised, phase origin at voxel floor(N/2)), keep the FourierBox of radius volumeRadiusPx. Voxels with
 * |p| > padding·(maxShell + 1) may be 0.
 */
export interface ReferenceVolumeArgs {
  /** f32 [N][N][N] */
  readonly map: DeviceBuffer;
  readonly boxPx: number;
  readonly paddingFactor: number;
  readonly volumeRadiusPx: number;
  /** f32 [sizeZ][sizeY][sizeX][2], overwritten */
  readonly volume: DeviceBuffer;
}
