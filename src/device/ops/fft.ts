import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { dft3Into, makeComplex3 } from "../reference/fft.ts";
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
