import { normalPair, philox4x32 } from "../../src/core/random.ts";

/** [count] standard normal numbers, a pure function of the seed. */
export function makeNormals(count: number, seed: number): Float32Array {
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    philox4x32(words, seed, 0, i, 0, 0, 0);
    normalPair(pair, 0, words[0]!, words[1]!);
    out[i] = pair[0]!;
    if (i + 1 < count) out[i + 1] = pair[1]!;
  }
  return out;
}
