import { UsageError } from "../../core/errors.ts";
import { normalPair, philox4x32 } from "../../core/random.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { type Complex3, dft3Into, makeComplex3 } from "../reference/fft.ts";
import { hostF32, hostI32, hostU32 } from "../reference/host-buffer.ts";
import type { BandArgs } from "./image-set.ts";

/**
 * Real-space images → image bands: gain, integer recentring, soft circular mask with noise fill, FFT, crop to the band.
 *
 * Per image, in this order: multiply by gain; move content so that `out(x) = in(x + recentrePx)` (circular);
 * if maskRadiusPx > 0: inside weight m = 1, cosine edge of maskEdgePx outward, then x·m + noise·sqrt(1 − m²), where
 * noise has the spectrum σ² of the image's group (white normals from Philox keyed by noiseKey, counter = pixel pair index,
 * coloured in Fourier space; DC 0; shells beyond the table take its last value); forward DFT, unnormalised, phase origin
 * at pixel floor(N/2) (factor (−1)^(kx+ky)); gather of the band's pixels.
 *
 * Pixel pair p is the pixels 2p and 2p + 1 in row-major order, from the words 0 and 1 of counter (p, 0, 0, 0).
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

export function checkPrepareImages(args: PrepareImagesArgs): void {
  const { boxPx, bandPixelCount, imageCount } = args;
  const isMasked = args.maskRadiusPx > 0;
  expectEvenBox("prepareImages: boxPx", boxPx);
  expectCount("prepareImages: imageCount", imageCount);
  expectCount("prepareImages: bandPixelCount", bandPixelCount);
  expectCount("prepareImages: shellCount", args.shellCount, isMasked ? 1 : 0);
  expectBuffer("prepareImages: bandKx", args.bandKx, "i32", bandPixelCount);
  expectBuffer("prepareImages: bandKy", args.bandKy, "i32", bandPixelCount);
  expectBuffer("prepareImages: pixels", args.pixels, "f32", imageCount * boxPx * boxPx);
  expectBuffer("prepareImages: gain", args.gain, "f32", imageCount);
  expectBuffer("prepareImages: recentrePx", args.recentrePx, "i32", 2 * imageCount);
  expectBuffer("prepareImages: sigma2", args.sigma2, "f32", isMasked ? args.shellCount : 0);
  expectBuffer("prepareImages: group", args.group, "i32", isMasked ? imageCount : 0);
  expectBuffer("prepareImages: noiseKey", args.noiseKey, "u32", isMasked ? 2 * imageCount : 0);
  expectBuffer("prepareImages: out", args.out, "f32", imageCount * 2 * bandPixelCount);
}

export function prepareImagesReference(args: PrepareImagesArgs): void {
  const { boxPx, bandPixelCount } = args;
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const out = hostF32(args.out);
  for (let image = 0; image < args.imageCount; image++) {
    const data = recentred(args, image);
    if (args.maskRadiusPx > 0) maskInto(data.re, noiseImage(args, image), args);
    dft3Into(data, -1);
    for (let pixel = 0; pixel < bandPixelCount; pixel++) {
      const sign = (kx[pixel]! + ky[pixel]!) % 2 === 0 ? 1 : -1;
      const source = wrap(ky[pixel]!, boxPx) * boxPx + wrap(kx[pixel]!, boxPx);
      out[(2 * image + 0) * bandPixelCount + pixel] = sign * data.re[source]!;
      out[(2 * image + 1) * bandPixelCount + pixel] = sign * data.im[source]!;
    }
  }
}

/** gain · in(x + recentre). */
function recentred(args: PrepareImagesArgs, image: number): Complex3 {
  const n = args.boxPx;
  const pixels = hostF32(args.pixels).subarray(image * n * n, (image + 1) * n * n);
  const gain = hostF32(args.gain)[image]!;
  const recentrePx = hostI32(args.recentrePx);
  const data = makeComplex3(1, n, n);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const source = wrap(y + recentrePx[2 * image + 1]!, n) * n + wrap(x + recentrePx[2 * image]!, n);
      data.re[y * n + x] = gain * pixels[source]!;
    }
  }
  return data;
}

function maskInto(
  pixels: Float64Array,
  noise: Float64Array,
  { boxPx, maskRadiusPx, maskEdgePx }: PrepareImagesArgs,
): void {
  const centre = boxPx / 2;
  for (let y = 0; y < boxPx; y++) {
    for (let x = 0; x < boxPx; x++) {
      const beyondPx = Math.hypot(x - centre, y - centre) - maskRadiusPx;
      let m = 1;
      if (beyondPx >= maskEdgePx) m = 0;
      else if (beyondPx > 0) m = 0.5 + 0.5 * Math.cos((Math.PI * beyondPx) / maskEdgePx);
      if (beyondPx > 0) {
        const i = y * boxPx + x;
        pixels[i] = pixels[i]! * m + noise[i]! * Math.sqrt(1 - m * m);
      }
    }
  }
}

/** Gaussian noise whose unnormalised DFT has the variance σ²(shell) per real component. */
function noiseImage(args: PrepareImagesArgs, image: number): Float64Array {
  const n = args.boxPx;
  const data = makeComplex3(1, n, n);
  const key = hostU32(args.noiseKey).subarray(2 * image, 2 * image + 2);
  const words = new Uint32Array(4);
  for (let pair = 0; pair < (n * n) / 2; pair++) {
    philox4x32(words, key[0]!, key[1]!, pair, 0, 0, 0);
    normalPair(data.re, 2 * pair, words[0]!, words[1]!);
  }
  const sigma2 = hostF32(args.sigma2);
  const row = hostI32(args.group)[image]! * args.shellCount;
  if (!(row >= 0 && row + args.shellCount <= sigma2.length)) {
    throw new UsageError(`image ${image}: group must be a row of sigma2, got ${hostI32(args.group)[image]}.`);
  }
  dft3Into(data, -1);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const shell = Math.round(Math.hypot(signed(x, n), signed(y, n)));
      // White noise of unit variance has N²/2 per real component; the last 1/N² is that of the inverse transform.
      const gain =
        shell === 0 ? 0 : Math.sqrt(sigma2[row + Math.min(shell, args.shellCount - 1)]! / ((n * n) / 2)) / (n * n);
      data.re[y * n + x]! *= gain;
      data.im[y * n + x]! *= gain;
    }
  }
  dft3Into(data, 1);
  return data.re;
}

function wrap(index: number, n: number): number {
  return ((index % n) + n) % n;
}

function signed(index: number, n: number): number {
  return index < n / 2 ? index : index - n;
}
