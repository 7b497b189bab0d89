import { type Fact, fact } from "./description.ts";
import { shortNumber } from "./words.ts";

/** Where a curve over spatial frequency (1/Å) first falls below the two thresholds. */
export function fscFacts(name: string, frequencyInvA: ArrayLike<number>, fsc: ArrayLike<number>): Fact[] {
  const at = (threshold: number): string => {
    const frequency = crossingInvA(frequencyInvA, fsc, threshold);
    return frequency === undefined
      ? `above ${threshold} throughout`
      : `${shortNumber(1 / frequency)} Å at ${threshold}`;
  };
  return [fact(name, `${at(0.143)}, ${at(0.5)}`)];
}

/** Frequency of the first fall below the threshold, between points by a straight line; undefined when there is none. */
export function crossingInvA(
  frequencyInvA: ArrayLike<number>,
  fsc: ArrayLike<number>,
  threshold: number,
): number | undefined {
  let before: { frequency: number; value: number } | undefined;
  for (let i = 0; i < fsc.length; i++) {
    const point = { frequency: frequencyInvA[i]!, value: fsc[i]! };
    // Frequency 0 is no agreement.
    if (!(point.frequency > 0)) continue;
    if (!(point.value >= threshold)) {
      if (before === undefined || !Number.isFinite(point.value)) return point.frequency;
      const share = (before.value - threshold) / (before.value - point.value);
      return before.frequency + share * (point.frequency - before.frequency);
    }
    before = point;
  }
  return undefined;
}
