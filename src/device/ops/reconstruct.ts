import type { DeviceBuffer } from "../buffer.ts";

/**
 * F and T → real-space map.
 *
 * D(p) = max(T(p) + prior[round(|p|/padding)], 0.001 · radialMean(T + prior)) inside |p| ≤ padding·maxShell (0 outside);
 * griddingIterations = 0: W = 1/D. Otherwise the density-compensation loop of algorithm.md 6.5: W = 1 (inside), repeat
 * C = D·W → iFFT → × h → FFT → W /= max(|C|, 1e-6), stop when max|C| − 1 < 0.01, or from the 10th iteration on when it fell
 * by less than 5 % twice running, or after griddingIterations; h with radius 1.9 padded voxels·padding (3.8), α = 15, argument x/M.
 * map = iFFT_M(F·W), cropped to the central N³, divided by the product sinc²(x/M)sinc²(y/M)sinc²(z/M) (trilinear kernel),
 * M = padding·N. Phase origin at voxel floor(N/2). Voxels of the FourierBox beyond the M grid's Nyquist are dropped.
 */
export interface ReconstructArgs {
  /** f32 FourierBox complex */
  readonly forward: DeviceBuffer;
  /** f32 FourierBox real */
  readonly weight: DeviceBuffer;
  readonly accumulatorRadiusPx: number;
  readonly paddingFactor: number;
  readonly boxPx: number;
  readonly maxShell: number;
  /** f64 [maxShell + 1]: added to T per shell (0: unregularised). */
  readonly prior: DeviceBuffer;
  readonly griddingIterations: number;
  /** f32 [N][N][N], overwritten */
  readonly map: DeviceBuffer;
  /** f64 [2], overwritten: iterations done, last max| |C| − 1 |; or null. */
  readonly report: DeviceBuffer | null;
}
