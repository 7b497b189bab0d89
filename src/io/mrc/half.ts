/** IEEE 754 half precision (MRC mode 12), both ways. */

let floatOfHalf: Float32Array | undefined;

/** The float32 value of each of the 65,536 halves. Built once, 256 KiB. */
export function halfTable(): Float32Array {
  if (floatOfHalf !== undefined) return floatOfHalf;
  const table = new Float32Array(0x10000);
  for (let half = 0; half < 0x10000; half++) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) table[half] = sign * fraction * 2 ** -24;
    else if (exponent < 31) table[half] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    else table[half] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  floatOfHalf = table;
  return table;
}

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** The half nearest to a float32 value, ties to even; beyond 65,504 it is infinite. */
export function halfOf(value: number): number {
  floatView[0] = value;
  const bits = bitsView[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65,520 and more round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude);
  const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
}

/** Below 2^-14 a half counts steps of 2^-24; the sum with 0.5 · 2^0 rounds to even in float32. */
function subnormalHalf(magnitude: number): number {
  bitsView[0] = magnitude;
  // 2^-1 has a float32 step of 2^-24, the step of a subnormal half: the addition does the rounding.
  floatView[0] = (floatView[0] as number) + 0.5;
  return (bitsView[0] as number) - 0x3f000000;
}

/** Converts `count` floats from `source[sourceStart]` to halves at `out[outStart]`. */
export function halvesInto(
  out: Uint16Array,
  outStart: number,
  source: ArrayLike<number>,
  sourceStart: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[outStart + i] = halfOf(source[sourceStart + i] as number);
}

/** Converts `count` halves from `source[sourceStart]` to floats at `out[outStart]`. */
export function floatsFromHalvesInto(
  out: Float32Array,
  outStart: number,
  source: Uint16Array,
  sourceStart: number,
  count: number,
): void {
  const table = halfTable();
  for (let i = 0; i < count; i++) out[outStart + i] = table[source[sourceStart + i] as number] as number;
}
