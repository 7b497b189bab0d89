import { normalPair, philox4x32, seedWords } from "../core/random.ts";

/** Keeps these draws apart from others of the same seed. */
const SLOWNESS_STREAM = 0x736c6f77;

/**
 * How much longer each node takes for the same work: log-normal with median 1, the same for every run of a seed, and a node keeps its
 * factor whatever the number of nodes.
 *
 * @param sd  standard deviation of the logarithm; 0 makes all nodes equal
 */
export function slownessOf(nodeCount: number, sd: number, seed: number): Float64Array {
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  const [key0, key1] = seedWords(seed);
  return Float64Array.from({ length: nodeCount }, (_, node) => {
    philox4x32(words, key0, key1, SLOWNESS_STREAM, node, 0, 0);
    normalPair(pair, 0, words[0]!, words[1]!);
    return Math.exp(sd * pair[0]!);
  });
}
