/**
 * Keeps the heaviest points of one image down to `mass` of its posterior, sets the others to 0 and rescales the kept ones to sum to 1.
 * Ties are broken by index, so the result does not depend on the order of sorting.
 *
 * @param weights  [… count from offset], overwritten; all zero stays all zero
 */
export function pruneWeightsInPlace(weights: Float32Array, offset: number, count: number, mass: number): number {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  order.sort((a, b) => weights[offset + b]! - weights[offset + a]! || a - b);
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[offset + i]!;
  if (!(total > 0)) return 0;
  let kept = 0;
  let points = 0;
  while (points < count && kept < mass * total) kept += weights[offset + order[points++]!]!;
  for (let i = points; i < count; i++) weights[offset + order[i]!] = 0;
  for (let i = 0; i < points; i++) weights[offset + order[i]!] = weights[offset + order[i]!]! / kept;
  return points;
}
