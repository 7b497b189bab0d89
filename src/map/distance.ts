/** Exact Euclidean distance from every voxel to a set of voxels (Felzenszwalb & Huttenlocher 2012, Theory Comput. 8). */

/** Larger than any squared distance in a box, small enough that its sums stay exact. */
const FAR = 1e9;

/**
 * @param isInside  [boxPx³], non-zero inside the set
 * @returns [boxPx³] distance in voxels to the nearest voxel of the set, 0 inside; fresh array
 */
export function makeDistanceMap(isInside: Uint8Array, boxPx: number): Float32Array {
  const squared = Float64Array.from(isInside, (inside) => (inside ? 0 : FAR));
  const line = new Float64Array(boxPx);
  const result = new Float64Array(boxPx);
  const parabolas = new Int32Array(boxPx);
  const bounds = new Float64Array(boxPx + 1);
  for (const stride of [1, boxPx, boxPx * boxPx]) {
    for (let first = 0; first < squared.length; first++) {
      // A line starts where its own coordinate is 0.
      if (Math.floor(first / stride) % boxPx !== 0) continue;
      for (let i = 0; i < boxPx; i++) line[i] = squared[first + i * stride]!;
      lowerEnvelope(result, line, parabolas, bounds);
      for (let i = 0; i < boxPx; i++) squared[first + i * stride] = result[i]!;
    }
  }
  return Float32Array.from(squared, Math.sqrt);
}

/** out[p] = min over q of (p - q)² + line[q]. */
function lowerEnvelope(out: Float64Array, line: Float64Array, parabolas: Int32Array, bounds: Float64Array): void {
  const meeting = (q: number, p: number) => (line[q]! + q * q - (line[p]! + p * p)) / (2 * (q - p));
  let last = 0;
  parabolas[0] = 0;
  bounds[0] = Number.NEGATIVE_INFINITY;
  bounds[1] = Number.POSITIVE_INFINITY;
  for (let q = 1; q < line.length; q++) {
    let crossing = meeting(q, parabolas[last]!);
    while (crossing <= bounds[last]!) crossing = meeting(q, parabolas[--last]!);
    parabolas[++last] = q;
    bounds[last] = crossing;
    bounds[last + 1] = Number.POSITIVE_INFINITY;
  }
  for (let p = 0, k = 0; p < line.length; p++) {
    while (bounds[k + 1]! < p) k++;
    const q = parabolas[k]!;
    out[p] = (p - q) ** 2 + line[q]!;
  }
}
