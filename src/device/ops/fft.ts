import { UsageError } from "../../core/errors.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { dft3Into, dftAlongInto, makeComplex3 } from "../reference/fft.ts";
import { hostF32 } from "../reference/host-buffer.ts";

/** Cubic transforms: real [n³] ↔ half-complex interleaved [n][n][n/2+1]; forward unnormalised, inverse divides by n³. No phase-origin factor. */
export interface Fft3Args {
  readonly sizePx: number;
  /** f32 [n³]; read by forward, overwritten by inverse */
  readonly real: DeviceBuffer;
  /** f32 [n][n][n/2+1][2]; overwritten by forward; read by inverse */
  readonly complex: DeviceBuffer;
}

export function checkFft3(args: Fft3Args): void {
  const n = args.sizePx;
  expectCount("fft3: sizePx", n, 1);
  expectBuffer("fft3: real", args.real, "f32", n ** 3);
  expectBuffer("fft3: complex", args.complex, "f32", n * n * (Math.floor(n / 2) + 1) * 2);
}

export function fftForward3Reference(args: Fft3Args): void {
  const n = args.sizePx;
  const half = Math.floor(n / 2) + 1;
  const data = makeComplex3(n, n, n);
  data.re.set(hostF32(args.real).subarray(0, n ** 3));
  dft3Into(data, -1);
  const complex = hostF32(args.complex);
  for (let row = 0; row < n * n; row++) {
    for (let x = 0; x < half; x++) {
      complex[2 * (row * half + x)] = data.re[row * n + x]!;
      complex[2 * (row * half + x) + 1] = data.im[row * n + x]!;
    }
  }
}

export function fftInverse3Reference(args: Fft3Args): void {
  const n = args.sizePx;
  const half = Math.floor(n / 2) + 1;
  const complex = hostF32(args.complex);
  const data = makeComplex3(n, n, n);
  // y and z first, on the stored half; then each row is completed by its Hermitian mate, as a complex-to-real transform
  // does: with y and z in real space, row(n − x) = conj row(x), and the imaginary part of x = 0 drops out.
  const stored = makeComplex3(n, n, half);
  for (let i = 0; i < stored.re.length; i++) {
    stored.re[i] = complex[2 * i]!;
    stored.im[i] = complex[2 * i + 1]!;
  }
  inverseOverYZ(stored.re, stored.im, n, half);
  for (let row = 0; row < n * n; row++) {
    for (let x = 0; x < n; x++) {
      const isStored = x < half;
      const source = row * half + (isStored ? x : n - x);
      data.re[row * n + x] = stored.re[source]!;
      data.im[row * n + x] = isStored ? stored.im[source]! : -stored.im[source]!;
    }
  }
  dft3Into({ ...data, sizes: [1, 1, n] }, 1);
  const real = hostF32(args.real);
  for (let i = 0; i < n ** 3; i++) real[i] = data.re[i]! / n ** 3;
}

/** Inverse along z and y of [n][n][half]: x is treated as a set of independent images. */
function inverseOverYZ(re: Float64Array, im: Float64Array, n: number, half: number): void {
  const column = makeComplex3(n, n, 1);
  for (let x = 0; x < half; x++) {
    for (let row = 0; row < n * n; row++) {
      column.re[row] = re[row * half + x]!;
      column.im[row] = im[row * half + x]!;
    }
    dft3Into(column, 1);
    for (let row = 0; row < n * n; row++) {
      re[row * half + x] = column.re[row]!;
      im[row * half + x] = column.im[row]!;
    }
  }
}

/** Which way a transform goes: exp(−2πi) or exp(+2πi). */
export type FftDirection = "forward" | "inverse";

/**
 * 2D transforms of some planes of a volume: the first half of a 3D transform forward, the last of one inverse.
 *
 * Forward: real → complex, unnormalised. Inverse: complex → real, times `scale`; `complex` is lost.
 */
export interface FftPlanesArgs {
  readonly sizePx: number;
  readonly planeCount: number;
  readonly direction: FftDirection;
  /** Of the inverse: 1 / n³ for a cube. */
  readonly scale: number;
  /** f32 [planeCount][n][n] */
  readonly real: DeviceBuffer;
  /** f32 [planeCount][n][n/2+1][2] */
  readonly complex: DeviceBuffer;
}

/** Complex transforms of length `depth` along the slowest axis, in place, unnormalised. */
export interface FftLinesArgs {
  readonly depth: number;
  readonly lineCount: number;
  readonly direction: FftDirection;
  /** f32 [depth][lineCount][2] */
  readonly complex: DeviceBuffer;
}

export function checkFftPlanes(args: FftPlanesArgs): void {
  const n = args.sizePx;
  expectCount("fftPlanes: sizePx", n, 1);
  expectCount("fftPlanes: planeCount", args.planeCount);
  expectDirection("fftPlanes", args.direction);
  expectBuffer("fftPlanes: real", args.real, "f32", args.planeCount * n * n);
  expectBuffer("fftPlanes: complex", args.complex, "f32", args.planeCount * n * (Math.floor(n / 2) + 1) * 2);
}

export function checkFftLines(args: FftLinesArgs): void {
  expectCount("fftLines: depth", args.depth, 1);
  expectCount("fftLines: lineCount", args.lineCount);
  expectDirection("fftLines", args.direction);
  expectBuffer("fftLines: complex", args.complex, "f32", 2 * args.depth * args.lineCount);
}

function expectDirection(where: string, direction: FftDirection): void {
  if (direction === "forward" || direction === "inverse") return;
  throw new UsageError(`${where}: direction: expected forward or inverse, got ${String(direction)}.`);
}

export function fftPlanesReference(args: FftPlanesArgs): void {
  const n = args.sizePx;
  const half = Math.floor(n / 2) + 1;
  const real = hostF32(args.real);
  const complex = hostF32(args.complex);
  for (let plane = 0; plane < args.planeCount; plane++) {
    const pixels = real.subarray(plane * n * n, (plane + 1) * n * n);
    const stored = complex.subarray(2 * plane * n * half, 2 * (plane + 1) * n * half);
    const data = makeComplex3(1, n, n);
    if (args.direction === "forward") {
      data.re.set(pixels);
      dft3Into(data, -1);
      for (let i = 0; i < n * half; i++) {
        const from = Math.floor(i / half) * n + (i % half);
        stored[2 * i] = data.re[from]!;
        stored[2 * i + 1] = data.im[from]!;
      }
      continue;
    }
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        // The mate of a column that is not stored; along x, row by row, once y is in real space.
        const from = 2 * (y * half + (x < half ? x : n - x));
        data.re[y * n + x] = stored[from]!;
        data.im[y * n + x] = stored[from + 1]!;
      }
    }
    dftAlongInto(data, 1, 1);
    for (let i = 0; i < n * n; i++) if (i % n >= half) data.im[i] = -data.im[i]!;
    dftAlongInto(data, 2, 1);
    for (let i = 0; i < n * n; i++) pixels[i] = data.re[i]! * args.scale;
  }
}

export function fftLinesReference(args: FftLinesArgs): void {
  const complex = hostF32(args.complex);
  const data = makeComplex3(args.depth, 1, args.lineCount);
  for (let i = 0; i < data.re.length; i++) {
    data.re[i] = complex[2 * i]!;
    data.im[i] = complex[2 * i + 1]!;
  }
  dftAlongInto(data, 0, args.direction === "forward" ? -1 : 1);
  for (let i = 0; i < data.re.length; i++) {
    complex[2 * i] = data.re[i]!;
    complex[2 * i + 1] = data.im[i]!;
  }
}
