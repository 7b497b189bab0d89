import type { Fft3 } from "../../src/map/fft3.ts";

/** A slow, plain transform for tests: complex DFT of each axis by its definition. */
function dftLines(re: Float64Array, im: Float64Array, n: number, stride: number, sign: number): void {
  const cosines = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sines = Float64Array.from({ length: n }, (_, i) => sign * Math.sin((2 * Math.PI * i) / n));
  const [lineRe, lineIm] = [new Float64Array(n), new Float64Array(n)];
  for (let first = 0; first < re.length; first++) {
    if (Math.floor(first / stride) % n !== 0) continue;
    for (let i = 0; i < n; i++) {
      lineRe[i] = re[first + i * stride]!;
      lineIm[i] = im[first + i * stride]!;
    }
    for (let k = 0; k < n; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let i = 0, turn = 0; i < n; i++) {
        sumRe += lineRe[i]! * cosines[turn]! - lineIm[i]! * sines[turn]!;
        sumIm += lineRe[i]! * sines[turn]! + lineIm[i]! * cosines[turn]!;
        turn = (turn + k) % n;
      }
      re[first + k * stride] = sumRe;
      im[first + k * stride] = sumIm;
    }
  }
}

function dft3(re: Float64Array, im: Float64Array, n: number, sign: number): void {
  for (const stride of [1, n, n * n]) dftLines(re, im, n, stride, sign);
}

export const plainFft: Fft3 = {
  async forward(real, n) {
    const [re, im] = [Float64Array.from(real), new Float64Array(real.length)];
    dft3(re, im, n, -1);
    const half = Math.floor(n / 2) + 1;
    const out = new Float32Array(2 * n * n * half);
    for (let row = 0; row < n * n; row++) {
      for (let x = 0; x < half; x++) {
        out[2 * (row * half + x)] = re[row * n + x]!;
        out[2 * (row * half + x) + 1] = im[row * n + x]!;
      }
    }
    return out;
  },
  async inverse(transform, n) {
    const half = Math.floor(n / 2) + 1;
    const [re, im] = [new Float64Array(n ** 3), new Float64Array(n ** 3)];
    for (let z = 0; z < n; z++) {
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) {
          const isStored = x < half;
          const row = isStored ? z * n + y : ((n - z) % n) * n + ((n - y) % n);
          const source = 2 * (row * half + (isStored ? x : n - x));
          re[(z * n + y) * n + x] = transform[source]!;
          im[(z * n + y) * n + x] = (isStored ? 1 : -1) * transform[source + 1]!;
        }
      }
    }
    dft3(re, im, n, 1);
    return Float32Array.from(re, (value) => value / n ** 3);
  },
};

/** Reproducible noise with a standard deviation of about 1. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length }, () => 2 * (next() + next() + next() - 1.5));
}
