/**
 * Discrete Fourier transforms for the TypeScript references: short and readable, in double precision, for any size.
 * Forward exp(−2πi kx/n), not normalised; inverse exp(+2πi kx/n), also not normalised here.
 */

/** Transform of n complex numbers in place: Cooley–Tukey over the smallest prime factor, a plain sum for primes. */
export function dftInto(re: Float64Array, im: Float64Array, sign: -1 | 1): void {
  const n = re.length;
  if (n === 1) return;
  const factor = smallestPrimeFactor(n);
  const partLength = n / factor;
  const partRe: Float64Array[] = [];
  const partIm: Float64Array[] = [];
  for (let r = 0; r < factor; r++) {
    partRe.push(everyInto(new Float64Array(partLength), re, r, factor));
    partIm.push(everyInto(new Float64Array(partLength), im, r, factor));
    dftInto(partRe[r]!, partIm[r]!, sign);
  }
  const table = twiddles(n);
  for (let k = 0; k < n; k++) {
    let sumRe = 0;
    let sumIm = 0;
    for (let r = 0; r < factor; r++) {
      const turn = (r * k) % n;
      const c = table.cos[turn]!;
      const s = sign * table.sin[turn]!;
      const a = partRe[r]![k % partLength]!;
      const b = partIm[r]![k % partLength]!;
      sumRe += a * c - b * s;
      sumIm += a * s + b * c;
    }
    re[k] = sumRe;
    im[k] = sumIm;
  }
}

/** source[first], source[first + step], … */
function everyInto(out: Float64Array, source: Float64Array, first: number, step: number): Float64Array {
  for (let j = 0; j < out.length; j++) out[j] = source[first + j * step]!;
  return out;
}

/** Complex array of three axes, x fastest, as two planes. */
export interface Complex3 {
  readonly sizes: readonly [z: number, y: number, x: number];
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export function makeComplex3(sizeZ: number, sizeY: number, sizeX: number): Complex3 {
  const length = sizeZ * sizeY * sizeX;
  return { sizes: [sizeZ, sizeY, sizeX], re: new Float64Array(length), im: new Float64Array(length) };
}

/** Transform along every axis, in place; an axis of length 1 is left alone, so this is also the 2D transform. */
export function dft3Into(data: Complex3, sign: -1 | 1): void {
  const [sizeZ, sizeY, sizeX] = data.sizes;
  alongAxis(data, sizeX, 1, sign);
  alongAxis(data, sizeY, sizeX, sign);
  alongAxis(data, sizeZ, sizeX * sizeY, sign);
}

/** Transform along one axis (0: z, 1: y, 2: x), in place. */
export function dftAlongInto(data: Complex3, axis: 0 | 1 | 2, sign: -1 | 1): void {
  const [, sizeY, sizeX] = data.sizes;
  alongAxis(data, data.sizes[axis], [sizeX * sizeY, sizeX, 1][axis]!, sign);
}

function alongAxis({ re, im }: Complex3, n: number, stride: number, sign: -1 | 1): void {
  if (n === 1) return;
  const lineRe = new Float64Array(n);
  const lineIm = new Float64Array(n);
  for (let block = 0; block < re.length; block += n * stride) {
    for (let start = block; start < block + stride; start++) {
      let isZero = true; // padded grids are mostly empty lines
      for (let j = 0; j < n; j++) {
        lineRe[j] = re[start + j * stride]!;
        lineIm[j] = im[start + j * stride]!;
        isZero &&= lineRe[j] === 0 && lineIm[j] === 0;
      }
      if (isZero) continue;
      dftInto(lineRe, lineIm, sign);
      for (let j = 0; j < n; j++) {
        re[start + j * stride] = lineRe[j]!;
        im[start + j * stride] = lineIm[j]!;
      }
    }
  }
}

function smallestPrimeFactor(n: number): number {
  for (let p = 2; p * p <= n; p++) if (n % p === 0) return p;
  return n;
}

interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const twiddleTables = new Map<number, Twiddles>();

function twiddles(n: number): Twiddles {
  let table = twiddleTables.get(n);
  if (table === undefined) {
    table = {
      cos: Float64Array.from({ length: n }, (_, j) => Math.cos((2 * Math.PI * j) / n)),
      sin: Float64Array.from({ length: n }, (_, j) => Math.sin((2 * Math.PI * j) / n)),
    };
    twiddleTables.set(n, table);
  }
  return table;
}
