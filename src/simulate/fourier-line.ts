/**
 * Inverse discrete Fourier transform of one line of any length, exp(+2πi kx/n), not divided by n. Stockham's
 * self-sorting scheme (Cochran et al. 1967) over the prime factors, in double precision, without allocation per call.
 */
export class FourierLine {
  readonly length: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly #factors: readonly number[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #spareRe: Float64Array;
  readonly #spareIm: Float64Array;

  constructor(length: number) {
    this.length = length;
    this.re = new Float64Array(length);
    this.im = new Float64Array(length);
    this.#spareRe = new Float64Array(length);
    this.#spareIm = new Float64Array(length);
    this.#factors = primeFactors(length);
    this.#cos = Float64Array.from({ length }, (_, j) => Math.cos((2 * Math.PI * j) / length));
    this.#sin = Float64Array.from({ length }, (_, j) => Math.sin((2 * Math.PI * j) / length));
  }

  /** Transforms `re`, `im` in place. */
  transform(): void {
    let [fromRe, fromIm, toRe, toIm] = [this.re, this.im, this.#spareRe, this.#spareIm];
    let left = this.length;
    let stride = 1;
    for (const factor of this.#factors) {
      this.#stage(fromRe, fromIm, toRe, toIm, left, factor, stride);
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
      left /= factor;
      stride *= factor;
    }
    if (fromRe !== this.re) {
      this.re.set(fromRe);
      this.im.set(fromIm);
    }
  }

  #stage(
    fromRe: Float64Array,
    fromIm: Float64Array,
    toRe: Float64Array,
    toIm: Float64Array,
    left: number,
    factor: number,
    stride: number,
  ): void {
    const n = this.length;
    const part = left / factor;
    for (let q = 0; q < part; q++) {
      for (let u = 0; u < factor; u++) {
        const twist = ((q * u) % left) * (n / left);
        for (let r = 0; r < stride; r++) {
          let sumRe = 0;
          let sumIm = 0;
          for (let v = 0; v < factor; v++) {
            const turn = (((u * v) % factor) * (n / factor) + twist) % n;
            const from = r + stride * (q + part * v);
            sumRe += fromRe[from]! * this.#cos[turn]! - fromIm[from]! * this.#sin[turn]!;
            sumIm += fromRe[from]! * this.#sin[turn]! + fromIm[from]! * this.#cos[turn]!;
          }
          toRe[r + stride * (factor * q + u)] = sumRe;
          toIm[r + stride * (factor * q + u)] = sumIm;
        }
      }
    }
  }
}

function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let left = n;
  for (let p = 2; left > 1; p++) {
    while (left % p === 0) {
      factors.push(p);
      left /= p;
    }
  }
  return factors;
}
