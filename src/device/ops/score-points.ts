import { ShapeError } from "../../core/errors.ts";
import { type FourierBox, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { checkImageSet, checkPointSet, checkReference } from "../check-image-set.ts";
import { hostF32, hostI32 } from "../reference/host-buffer.ts";
import { rotationMatrixAt, sampleTrilinear } from "../reference/trilinear.ts";
import type { ImageSetArgs, PointSetArgs, ReferenceArgs } from "./image-set.ts";

/**
 * Log-likelihood of each image's own support points, projecting and comparing in one pass (no slice is stored).
 *
 * out = Re Σ conj(X) a e^{−2πi k·t/N} S − ½ Σ a·scale·C·|S|², a = scale·C/σ², pixels [firstPixel, pixelCount): the
 * log-likelihood less that of "no signal". Pixels beyond maxShell, beyond the table of 1/σ² or beyond the volume count 0.
 * A quaternion that is no rotation (0 or not finite) gives NaN. Sums of at most 560 pixels (patches of
 * the half plane) in float32, added in float64.
 */
export interface ScorePointsArgs extends ImageSetArgs, ReferenceArgs, PointSetArgs {
  readonly firstPixel: number;
  /** One past the last pixel of the band that is compared. */
  readonly pixelCount: number;
  /** f32 [activeCount][rotationsPerImage][shiftsPerRotation], overwritten. */
  readonly out: DeviceBuffer;
}

export function checkScorePoints(args: ScorePointsArgs): void {
  checkImageSet("scorePoints", args);
  checkReference("scorePoints", args);
  checkPointSet("scorePoints", args);
  expectCount("scorePoints: firstPixel", args.firstPixel);
  expectCount("scorePoints: pixelCount", args.pixelCount);
  if (args.firstPixel > args.pixelCount || args.pixelCount > args.bandPixelCount) {
    throw new ShapeError("scorePoints: pixels [firstPixel, pixelCount)", {
      expected: `a range within the ${args.bandPixelCount} of the band`,
      actual: [args.firstPixel, args.pixelCount],
    });
  }
  const points = args.activeCount * args.rotationsPerImage * args.shiftsPerRotation;
  expectBuffer("scorePoints: out", args.out, "f32", points);
}

export function scorePointsReference(args: ScorePointsArgs): void {
  const { rotationsPerImage, shiftsPerRotation } = args;
  const active = hostI32(args.active);
  const rotations = hostF32(args.rotations);
  const shiftsPx = hostF32(args.shiftsPx);
  const out = hostF32(args.out);
  const box = fourierBoxOfRadius(args.volumeRadiusPx);
  const pixels = usedPixels(args);
  for (let row = 0; row < args.activeCount; row++) {
    const model = imageModel(args, active[row]!, pixels);
    for (let m = 0; m < rotationsPerImage; m++) {
      const rotation = row * rotationsPerImage + m;
      const slice = sliceAt(args, box, matrixOrNaN(rotations, rotation), pixels);
      for (let s = 0; s < shiftsPerRotation; s++) {
        const point = rotation * shiftsPerRotation + s;
        out[point] = logLikelihood(args, pixels, model, slice, shiftsPx[2 * point]!, shiftsPx[2 * point + 1]!);
      }
    }
  }
}

function matrixOrNaN(rotations: Float32Array, index: number): Float64Array {
  const length = Math.hypot(...rotations.subarray(4 * index, 4 * index + 4));
  const isRotation = length > 0 && Number.isFinite(length);
  return isRotation ? rotationMatrixAt(rotations, index) : new Float64Array(9).fill(Number.NaN);
}

/** Places in the band of the pixels that count. */
function usedPixels(args: ScorePointsArgs): number[] {
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const shell = hostI32(args.bandShell);
  const radius = args.volumeRadiusPx / args.paddingFactor;
  const pixels: number[] = [];
  for (let pixel = args.firstPixel; pixel < args.pixelCount; pixel++) {
    const isInside = kx[pixel]! ** 2 + ky[pixel]! ** 2 <= radius ** 2;
    if (isInside && shell[pixel]! <= args.maxShell && shell[pixel]! < args.shellCount) pixels.push(pixel);
  }
  return pixels;
}

interface ImageModel {
  /** X, and the model's two weights a = scale·C/σ² and ½ a·scale·C, of each used pixel. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly cross: Float64Array;
  readonly norm: Float64Array;
}

function imageModel(args: ScorePointsArgs, image: number, pixels: readonly number[]): ImageModel {
  const images = hostF32(args.images);
  const ctf = args.ctf === null ? null : hostF32(args.ctf);
  const inverseSigma2 = hostF32(args.inverseSigma2);
  const shell = hostI32(args.bandShell);
  const firstShell = hostI32(args.group)[image]! * args.shellCount;
  const plane = image * args.bandPixelCount;
  const signal = pixels.map((pixel) => hostF32(args.scale)[image]! * (ctf === null ? 1 : ctf[plane + pixel]!));
  const cross = Float64Array.from(pixels, (pixel, i) => signal[i]! * inverseSigma2[firstShell + shell[pixel]!]!);
  return {
    re: Float64Array.from(pixels, (pixel) => images[2 * plane + pixel]!),
    im: Float64Array.from(pixels, (pixel) => images[2 * plane + args.bandPixelCount + pixel]!),
    cross,
    norm: cross.map((a, i) => 0.5 * a * signal[i]!),
  };
}

/** S of each used pixel, interleaved. */
function sliceAt(
  args: ScorePointsArgs,
  box: FourierBox,
  matrix: Float64Array,
  pixels: readonly number[],
): readonly (readonly [number, number])[] {
  const volume = hostF32(args.volume);
  const bandKx = hostI32(args.bandKx);
  const bandKy = hostI32(args.bandKy);
  return pixels.map((pixel) => {
    const kx = args.paddingFactor * bandKx[pixel]!;
    const ky = args.paddingFactor * bandKy[pixel]!;
    const p = [0, 3, 6].map((row) => matrix[row]! * kx + matrix[row + 1]! * ky) as [number, number, number];
    return p.every(Number.isFinite) ? sampleTrilinear(box, volume, ...p) : [Number.NaN, Number.NaN];
  });
}

function logLikelihood(
  args: ScorePointsArgs,
  pixels: readonly number[],
  model: ImageModel,
  slice: readonly (readonly [number, number])[],
  shiftXPx: number,
  shiftYPx: number,
): number {
  const bandKx = hostI32(args.bandKx);
  const bandKy = hostI32(args.bandKy);
  let sum = 0;
  pixels.forEach((pixel, i) => {
    const [re, im] = slice[i]!;
    const phase = (2 * Math.PI * (bandKx[pixel]! * shiftXPx + bandKy[pixel]! * shiftYPx)) / args.boxPx;
    // conj(X) S, then the real part of its product with exp(−i phase).
    const productRe = model.re[i]! * re + model.im[i]! * im;
    const productIm = model.re[i]! * im - model.im[i]! * re;
    sum += model.cross[i]! * (productRe * Math.cos(phase) + productIm * Math.sin(phase));
    sum -= model.norm[i]! * (re * re + im * im);
  });
  return sum;
}
