/** The detector's modulation transfer function. */

import { DataError } from "../core/errors.ts";

export interface MtfCurve {
  /** Å of the detector pixel that the frequencies refer to. */
  readonly pixelSizeA: number;
  /** [n] 1/px, rising. */
  readonly frequencyInvPx: Float64Array;
  /** [n] above 0. */
  readonly value: Float64Array;
}

/** The finest frequency that a table must reach: Nyquist of the detector, less rounding in the file. */
const NYQUIST_INV_PX = 0.5 - 1e-3;

/**
 * A checked curve.
 *
 * @param where  the file, for messages
 */
export function makeMtfCurve(
  where: string,
  frequencyInvPx: ArrayLike<number>,
  value: ArrayLike<number>,
  pixelSizeA: number,
): MtfCurve {
  const count = frequencyInvPx.length;
  if (count < 2 || count !== value.length) {
    throw new DataError(`${where}: expected at least two rows of frequency and MTF, got ${count}.`, { where });
  }
  for (let i = 0; i < count; i++) {
    const [frequency, factor] = [frequencyInvPx[i]!, value[i]!];
    if (i > 0 && !(frequency > frequencyInvPx[i - 1]!)) {
      throw new DataError(`${where}: row ${i + 1}: expected rising frequencies, got ${frequency} 1/px.`, { where });
    }
    if (!(frequency >= 0) || !(factor > 0 && factor < 10)) {
      throw new DataError(
        `${where}: row ${i + 1}: expected a frequency of at least 0 and an MTF above 0, got ${frequency} 1/px, ${factor}.`,
        { where },
      );
    }
  }
  if (frequencyInvPx[count - 1]! < NYQUIST_INV_PX) {
    throw new DataError(
      `${where}: expected an MTF up to 0.5 1/px, got one that ends at ${frequencyInvPx[count - 1]} 1/px.`,
      { where },
    );
  }
  return { pixelSizeA, frequencyInvPx: Float64Array.from(frequencyInvPx), value: Float64Array.from(value) };
}

/** The curve at a frequency in 1/Å, straight lines between the rows, the end values beyond them. */
export function mtfAt({ pixelSizeA, frequencyInvPx, value }: MtfCurve, frequencyInvA: number): number {
  const wanted = frequencyInvA * pixelSizeA;
  const last = value.length - 1;
  if (wanted <= frequencyInvPx[0]!) return value[0]!;
  if (wanted >= frequencyInvPx[last]!) return value[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (frequencyInvPx[middle]! <= wanted) low = middle;
    else high = middle;
  }
  const share = (wanted - frequencyInvPx[low]!) / (frequencyInvPx[high]! - frequencyInvPx[low]!);
  return value[low]! + share * (value[high]! - value[low]!);
}
