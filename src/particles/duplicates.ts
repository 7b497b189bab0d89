import type { ProblemList } from "../core/problems.ts";
import type { ImageNames } from "./image-names.ts";

/** Stack and slice as one number, exact for 2^21 stacks. */
export function imageKey(names: Pick<ImageNames, "imageStack" | "imageSlice">, particle: number): number {
  return (names.imageStack[particle] as number) * 0x100000000 + (names.imageSlice[particle] as number);
}

/**
 * Looks for images named more than once. Copies in one half-set are lawful (symmetry expansion) and counted; copies in
 * both half-sets would make the halves dependent and are a problem.
 *
 * @returns number of rows that repeat an earlier image
 */
export function checkDuplicates(
  names: ImageNames,
  randomSubset: Uint8Array,
  placeOf: (particle: number) => string,
  problems: ProblemList,
): number {
  const count = names.imageStack.length;
  const sorted = new Float64Array(count);
  for (let particle = 0; particle < count; particle++) sorted[particle] = imageKey(names, particle);
  sorted.sort();
  const repeated = new Set<number>();
  for (let i = 1; i < count; i++) if (sorted[i] === sorted[i - 1]) repeated.add(sorted[i] as number);
  if (repeated.size === 0) return 0;
  const firstOf = new Map<number, number>();
  let copies = 0;
  for (let particle = 0; particle < count; particle++) {
    const key = imageKey(names, particle);
    if (!repeated.has(key)) continue;
    const first = firstOf.get(key);
    if (first === undefined) {
      firstOf.set(key, particle);
      continue;
    }
    copies++;
    if (randomSubset[first] !== randomSubset[particle]) {
      problems.add(
        () =>
          `${placeOf(particle)}: the image of ${placeOf(first)} stands in both half-sets (rlnRandomSubset ` +
          `${randomSubset[first]} and ${randomSubset[particle]}). Remove the copy or remove rlnRandomSubset.`,
      );
    }
  }
  return copies;
}
