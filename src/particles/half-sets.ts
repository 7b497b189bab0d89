import { expectInteger } from "../core/checks.ts";
import { DataError } from "../core/errors.ts";
import { philox4x32, seedWords, textWords } from "../core/random.ts";
import type { ParticleTable } from "./table.ts";

/** Marks the counters of half-sets among all draws of a seed. */
const HALF_SET_PURPOSE = 0x48414c46;

export interface HalfSets {
  /** [count], 1 or 2. */
  readonly halfSet: Uint8Array;
  /** Particles of half 1 and 2. */
  readonly counts: readonly [number, number];
  /** From rlnRandomSubset of the file, or drawn from (seed, image name). */
  readonly origin: "file" | "seed";
}

/**
 * The half-set of every particle. Stated ones are kept as they are; otherwise each is a pure function of the seed and
 * the image's name, so that it depends neither on the order nor on the number of the particles, and copies of one
 * image fall into the same half.
 */
export function makeHalfSets(table: ParticleTable, seed: number): HalfSets {
  expectInteger("seed", seed, 0);
  const stated = countHalves(table.randomSubset);
  if (stated[0] + stated[1] === 0) return fromSeed(table, seed);
  if (stated[0] + stated[1] < table.count) {
    const first = table.randomSubset.indexOf(0);
    throw new DataError(
      `${table.placeOf(first)}: rlnRandomSubset is 0 here and 1 or 2 elsewhere. Give every particle a half-set, or ` +
        "remove the column to have them drawn.",
      { where: table.where },
    );
  }
  expectBothHalves(table, stated, "rlnRandomSubset puts all particles in one half-set. Remove the column.");
  return { halfSet: table.randomSubset.slice(), counts: stated, origin: "file" };
}

function fromSeed(table: ParticleTable, seed: number): HalfSets {
  const [key0, key1] = seedWords(seed);
  const words = table.stackPaths.map(textWords);
  const halfSet = new Uint8Array(table.count);
  const out = new Uint32Array(4);
  for (let particle = 0; particle < table.count; particle++) {
    const [low, high] = words[table.imageStack[particle] as number] as readonly [number, number];
    philox4x32(out, key0, key1, low, high, table.imageSlice[particle] as number, HALF_SET_PURPOSE);
    halfSet[particle] = 1 + ((out[0] as number) & 1);
  }
  const counts = countHalves(halfSet);
  expectBothHalves(
    table,
    counts,
    `seed ${seed} puts all particles in one half-set. Use another seed or more particles.`,
  );
  return { halfSet, counts, origin: "seed" };
}

function expectBothHalves(table: ParticleTable, counts: readonly [number, number], sentence: string): void {
  if (counts[0] > 0 && counts[1] > 0) return;
  throw new DataError(`${table.where}: half-sets of ${counts[0]} and ${counts[1]} particles: ${sentence}`, {
    where: table.where,
    counts,
  });
}

function countHalves(subset: Uint8Array): readonly [number, number] {
  let first = 0;
  let second = 0;
  for (const half of subset) {
    if (half === 1) first++;
    else if (half === 2) second++;
  }
  return [first, second];
}
