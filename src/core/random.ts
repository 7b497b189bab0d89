/**
 * Counter-based random numbers: a pure function of key and counter, so that a draw depends on
 * (seed, round, particle, phase, axis, index) and on nothing else.
 *
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
 * `native/kernels/philox.h` is the twin: the same 32-bit words.
 */
const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/**
 * Four random words of a counter.
 *
 * @param out  [≥ 4], overwritten
 * @param key0,key1  the stream, e.g. the two halves of the seed
 * @param counter0…counter3  the place in the stream; all are taken modulo 2^32
 */
export function philox4x32(
  out: Uint32Array,
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
): void {
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  let c0 = counter0 | 0;
  let c1 = counter1 | 0;
  let c2 = counter2 | 0;
  let c3 = counter3 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of the unsigned 64-bit product. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  // Each partial sum stays below 2^32, so the shifts lose nothing.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** The open interval (0, 1): never 0, so its logarithm is finite; exact in double precision. */
export function uniform01(word: number): number {
  return ((word >>> 0) + 0.5) * 2.3283064365386963e-10;
}

/**
 * Two independent standard normal numbers from two words (Box and Muller, 1958), double precision.
 *
 * @param out  overwritten at [offset] and [offset + 1]
 */
export function normalPair(out: Float64Array, offset: number, word0: number, word1: number): void {
  const radius = Math.sqrt(-2 * Math.log(uniform01(word0)));
  const angleRad = 2 * Math.PI * uniform01(word1);
  out[offset] = radius * Math.cos(angleRad);
  out[offset + 1] = radius * Math.sin(angleRad);
}

/** Splits a non-negative integer seed below 2^53 into the two words of a key. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
}

/**
 * A 64-bit hash of a text's UTF-16 units, as two words: two FNV-1a hashes with different starts.
 * Only spreads names over counters; philox4x32 does the mixing.
 */
export function textWords(text: string): readonly [number, number] {
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b) ^ (high >>> 13);
  }
  return [low >>> 0, high >>> 0];
}
