import type { DeviceBuffer } from "../buffer.ts";
import type { BandArgs } from "./image-set.ts";

/**
 * Real-space images → image bands: gain, integer recentring, soft circular mask with noise fill, FFT, crop to the band.
 *
 * Per image, in this order: multiply by gain; move content so that `out(x) = in(x + recentrePx)` (circular);
 * if maskRadiusPx > 0: inside weight m = 1, cosine edge of maskEdgePx outward, then x·m + noise·sqrt(1 − m²), where
 * noise has the spectrum σ² of the image's group (white normals from Philox keyed by noiseKey, counter = pixel pair index,
 * coloured in Fourier space; DC 0; shells beyond the table take its last value); forward DFT, unnormalised, phase origin
 * at pixel floor(N/2) (factor (−1)^(kx+ky)); gather of the band's pixels.
 */
export interface PrepareImagesArgs extends BandArgs {
  readonly imageCount: number;
  /** f32 [imageCount][N][N] */
  readonly pixels: DeviceBuffer;
  /** f32 [imageCount] */
  readonly gain: DeviceBuffer;
  /** i32 [imageCount][2]: x, y. */
  readonly recentrePx: DeviceBuffer;
  /** ≤ 0: no mask. */
  readonly maskRadiusPx: number;
  readonly maskEdgePx: number;
  /** f32 [groupCount][shellCount]: σ² per real component of the unnormalised DFT. Not read without a mask. */
  readonly sigma2: DeviceBuffer;
  readonly shellCount: number;
  /** i32 [imageCount] */
  readonly group: DeviceBuffer;
  /** u32 [imageCount][2] */
  readonly noiseKey: DeviceBuffer;
  /** f32 [imageCount][2][bandPixelCount], overwritten. */
  readonly out: DeviceBuffer;
}
