import { expect, test } from "vitest";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { parseStar } from "../../src/io/star/parse.ts";
import { particlesFromStar } from "../../src/particles/from-star.ts";
import { makeHalfSets } from "../../src/particles/half-sets.ts";
import { type ParticleTable, selectParticles } from "../../src/particles/table.ts";
import { makeStarText, type StarRow } from "../support/make-particles.ts";

function particles(count: number, extra: (i: number) => StarRow = () => ({})): ParticleTable {
  const rows = Array.from({ length: count }, (_, i) => ({
    rlnImageName: `${(i % 100) + 1}@mic${Math.floor(i / 100)}.mrcs`,
    ...extra(i),
  }));
  const text = makeStarText([{ rlnOpticsGroup: 1, rlnImagePixelSize: 2 }], rows);
  return particlesFromStar(parseStar(new TextEncoder().encode(text), "x.star"), { requireCtf: false });
}

test("half-sets that cannot serve are refused", () => {
  expect(() =>
    makeHalfSets(
      particles(4, () => ({ rlnRandomSubset: 1 })),
      0,
    ),
  ).toThrow(DataError);
  expect(() =>
    makeHalfSets(
      particles(4, () => ({ rlnRandomSubset: 1 })),
      0,
    ),
  ).toThrow(/half-sets of 4 and 0 particles/);
  expect(() =>
    makeHalfSets(
      particles(4, (i) => ({ rlnRandomSubset: i % 3 })),
      0,
    ),
  ).toThrow(/x.star:\d+: rlnRandomSubset is 0 here/);
  expect(() => makeHalfSets(particles(1), 0)).toThrow(/Use another seed or more particles/);
  expect(() => makeHalfSets(particles(9), -1)).toThrow(UsageError);
});

test("half-sets of the file are kept", () => {
  const half = makeHalfSets(
    particles(6, (i) => ({ rlnRandomSubset: (i % 2) + 1 })),
    3,
  );
  expect([[...half.halfSet], half.counts, half.origin]).toEqual([[1, 2, 1, 2, 1, 2], [3, 3], "file"]);
});

test("drawn half-sets are balanced, change with the seed, and look independent of each other", () => {
  const table = particles(10_000);
  const [a, b] = [makeHalfSets(table, 1), makeHalfSets(table, 2)];
  expect(a.origin).toBe("seed");
  // Four standard deviations of a fair coin.
  expect(Math.abs(a.counts[0] - 5000)).toBeLessThan(200);
  const same = a.halfSet.filter((half, i) => half === b.halfSet[i]).length;
  expect(Math.abs(same - 5000)).toBeLessThan(200);
  const alternations = a.halfSet.filter((half, i) => i > 0 && half !== a.halfSet[i - 1]).length;
  expect(Math.abs(alternations - 5000)).toBeLessThan(200);
});

test("a particle's half depends neither on the order nor on the other particles", () => {
  const table = particles(500);
  const all = makeHalfSets(table, 5).halfSet;
  const pick = Array.from({ length: 250 }, (_, i) => 499 - 2 * i);
  const some = makeHalfSets(selectParticles(table, pick), 5).halfSet;
  expect([...some]).toEqual(pick.map((particle) => all[particle]));
});

test("copies of one image share their half, however the number is written", () => {
  const table = particles(200, (i) => ({
    rlnImageName: i % 2 === 0 ? `${i + 1}@a.mrcs` : `${String(i).padStart(6, "0")}@a.mrcs`,
  }));
  const { halfSet } = makeHalfSets(table, 0);
  for (let i = 0; i < 200; i += 2) expect(halfSet[i]).toBe(halfSet[i + 1]);
});
