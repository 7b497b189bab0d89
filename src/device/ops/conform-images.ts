import { ShapeError } from "../../core/errors.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { hostF32, hostI32 } from "../reference/host-buffer.ts";
import type { BandArgs } from "./image-set.ts";

/**
 * Real-space images of one optics group → real-space images on another grid of frequencies, times a filter.
 *
 * The transform of the image that comes out is, on the pixels p of the band (0 elsewhere),
 *     out(p) = factor(p) · in(A p) / C(p),   in(k) = Σ_x pixel(x) exp(−2πi k·(x − centre)/inBoxPx),
 * with k in frequency indices of the box that goes in, whole or not; beyond ±inBoxPx/2 in(k) repeats. The phase origin is the
 * centre pixel on both sides. C(p) below ctfFloor in size counts as ctfFloor of its sign (0: positive); no ctf: 1.
 * Kernels find in(k) at fractions of a pixel by a Kaiser–Bessel window of 6 × 6 points on the transform of the image padded to
 * twice its box, an error below 1e-5 of the image's norm; where A is the identity nothing is interpolated.
 */
export interface ConformImagesArgs extends BandArgs {
  readonly imageCount: number;
  readonly inBoxPx: number;
  /** f32 [imageCount][inBoxPx][inBoxPx] */
  readonly pixels: DeviceBuffer;
  /** A, row-major 2×2: frequency index that comes out → frequency index that goes in. */
  readonly matrix: readonly number[];
  /** f32 [2][bandPixelCount]: real parts, then imaginary parts. */
  readonly factor: DeviceBuffer;
  /** f32 [imageCount][bandPixelCount]; absent: 1. */
  readonly ctf?: DeviceBuffer;
  readonly ctfFloor: number;
  /** f32 [imageCount][boxPx][boxPx], overwritten. */
  readonly out: DeviceBuffer;
}

export function checkConformImages(args: ConformImagesArgs): void {
  const { boxPx, inBoxPx, bandPixelCount, imageCount } = args;
  expectEvenBox("conformImages: boxPx", boxPx);
  expectEvenBox("conformImages: inBoxPx", inBoxPx);
  expectCount("conformImages: imageCount", imageCount);
  expectCount("conformImages: bandPixelCount", bandPixelCount, 1);
  if (args.matrix.length !== 4 || !args.matrix.every(Number.isFinite)) {
    throw new ShapeError("conformImages: matrix", { expected: "4 finite numbers", actual: `[${args.matrix}]` });
  }
  expectBuffer("conformImages: bandKx", args.bandKx, "i32", bandPixelCount);
  expectBuffer("conformImages: bandKy", args.bandKy, "i32", bandPixelCount);
  expectBuffer("conformImages: pixels", args.pixels, "f32", imageCount * inBoxPx * inBoxPx);
  expectBuffer("conformImages: factor", args.factor, "f32", 2 * bandPixelCount);
  if (args.ctf) expectBuffer("conformImages: ctf", args.ctf, "f32", imageCount * bandPixelCount);
  expectBuffer("conformImages: out", args.out, "f32", imageCount * boxPx * boxPx);
}

/** Direct sums: no transform is fast, none is interpolated. */
export function conformImagesReference(args: ConformImagesArgs): void {
  const { boxPx, inBoxPx, bandPixelCount } = args;
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const factor = hostF32(args.factor);
  const ctf = args.ctf ? hostF32(args.ctf) : null;
  const [xx, xy, yx, yy] = args.matrix as [number, number, number, number];
  const re = new Float64Array(bandPixelCount);
  const im = new Float64Array(bandPixelCount);
  for (let image = 0; image < args.imageCount; image++) {
    const pixels = hostF32(args.pixels).subarray(image * inBoxPx ** 2, (image + 1) * inBoxPx ** 2);
    for (let p = 0; p < bandPixelCount; p++) {
      const [a, b] = transformAt(pixels, inBoxPx, xx * kx[p]! + xy * ky[p]!, yx * kx[p]! + yy * ky[p]!);
      const c = ctf === null ? 1 : clampedAwayFromZero(ctf[image * bandPixelCount + p]!, args.ctfFloor);
      re[p] = (factor[p]! * a - factor[bandPixelCount + p]! * b) / c;
      im[p] = (factor[p]! * b + factor[bandPixelCount + p]! * a) / c;
    }
    const out = hostF32(args.out).subarray(image * boxPx ** 2, (image + 1) * boxPx ** 2);
    imageInto(out, boxPx, kx, ky, re, im, bandPixelCount);
  }
}

function clampedAwayFromZero(value: number, floor: number): number {
  return value < 0 ? Math.min(value, -floor) : Math.max(value, floor);
}

/** in(k): along x first, then y. */
function transformAt(pixels: Float32Array, n: number, kx: number, ky: number): readonly [number, number] {
  const alongX = phases(n, kx);
  const alongY = phases(n, ky);
  let [re, im] = [0, 0];
  for (let y = 0; y < n; y++) {
    let [rowRe, rowIm] = [0, 0];
    for (let x = 0; x < n; x++) {
      rowRe += pixels[y * n + x]! * alongX.cos[x]!;
      rowIm += pixels[y * n + x]! * alongX.sin[x]!;
    }
    re += rowRe * alongY.cos[y]! - rowIm * alongY.sin[y]!;
    im += rowRe * alongY.sin[y]! + rowIm * alongY.cos[y]!;
  }
  return [re, im];
}

/** exp(−2πi k (x − n/2)/n) of every x. */
function phases(n: number, k: number): { readonly cos: Float64Array; readonly sin: Float64Array } {
  const anglesRad = Float64Array.from({ length: n }, (_, x) => (-2 * Math.PI * k * (x - n / 2)) / n);
  return { cos: anglesRad.map(Math.cos), sin: anglesRad.map(Math.sin) };
}

/** Σ over the band and its Friedel mates, divided by N². */
function imageInto(
  out: Float32Array,
  n: number,
  kx: Int32Array,
  ky: Int32Array,
  re: Float64Array,
  im: Float64Array,
  pixelCount: number,
): void {
  const cos = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sin = Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  const wrap = (index: number) => ((index % n) + n) % n;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      let sum = 0;
      for (let p = 0; p < pixelCount; p++) {
        const turn = wrap(kx[p]! * (x - n / 2) + ky[p]! * (y - n / 2));
        const mates = kx[p] === 0 && ky[p] === 0 ? 1 : 2;
        sum += mates * (re[p]! * cos[turn]! - im[p]! * sin[turn]!);
      }
      out[y * n + x] = sum / (n * n);
    }
  }
}
