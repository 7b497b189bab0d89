/**
 * Systematic resampling: pick i is the first item whose running weight exceeds (i + offset)/count of the total.
 *
 * Item j is picked weight_j·count times to within one; picks come in the order of the items. Items of weight 0 are never
 * picked.
 *
 * @param out  [count], overwritten with item numbers
 * @param weights  non-negative, not all 0
 * @param offset  in (0, 1)
 */
export function systematicPicksInto(out: Int32Array, weights: ArrayLike<number>, offset: number): void {
  let total = 0;
  let last = 0;
  for (let item = 0; item < weights.length; item++) {
    total += weights[item]!;
    if (weights[item]! > 0) last = item;
  }
  let item = 0;
  let running = weights[0]!;
  for (let pick = 0; pick < out.length; pick++) {
    const target = ((pick + offset) / out.length) * total;
    while (item < last && running <= target) {
      item++;
      running += weights[item]!;
    }
    out[pick] = item;
  }
}
