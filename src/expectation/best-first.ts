import type { ScanResult } from "./scan.ts";

/** The kept slices of each image by falling score, of equal ones the earlier first: in which order a scan found them no longer shows. */
export function bestFirst(scan: ScanResult, images: number): ScanResult {
  const { topScore: score, topSlice: slice, topShift: shift } = scan;
  const keepCount = images > 0 ? score.length / images : 0;
  const sorted = { ...scan, topScore: score.slice(), topSlice: slice.slice(), topShift: shift.slice() };
  // Numbers without a callback, ten times as fast: sorted by slice, then by the bits of the score, which rise with it.
  const order = new Float64Array(keepCount);
  const place = new Int32Array(keepCount);
  const bits = new Int32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let first = 0; first < score.length; first += keepCount) {
    for (let k = 0; k < keepCount; k++) order[k] = (slice[first + k]! + 1) * keepCount + k;
    order.sort();
    for (let k = 0; k < keepCount; k++) {
      place[k] = first + (order[k]! % keepCount);
      value[0] = score[place[k]!]! + 0;
      order[k] = k - (bits[0]! < 0 ? bits[0]! ^ 0x7fffffff : bits[0]!) * keepCount;
    }
    order.sort();
    for (let k = 0; k < keepCount; k++) {
      const rank = order[k]! % keepCount;
      const from = place[rank < 0 ? rank + keepCount : rank]!;
      sorted.topScore[first + k] = score[from]!;
      sorted.topSlice[first + k] = slice[from]!;
      sorted.topShift[first + k] = shift[from]!;
    }
  }
  return sorted;
}
