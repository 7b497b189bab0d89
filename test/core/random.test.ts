import { expect, test } from "vitest";
import { normalPair, philox4x32, seedWords, textWords, uniform01 } from "../../src/core/random.ts";

const out = new Uint32Array(4);

// Test vectors of the authors' Random123 distribution (kat_vectors, philox4x32 with 10 rounds).
test.each([
  ["zeros", [0, 0], [0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    "ones",
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    "digits of pi",
    [0xa4093822, 0x299f31d0],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("Philox gives the published words for %s", (_name, key, counter, expected) => {
  philox4x32(out, key[0]!, key[1]!, counter[0]!, counter[1]!, counter[2]!, counter[3]!);
  expect([...out]).toEqual(expected);
});

test("a uniform number is never 0 or 1, so its logarithm and that of its complement are finite", () => {
  expect(uniform01(0)).toBeGreaterThan(0);
  expect(uniform01(0xffffffff)).toBeLessThan(1);
  expect(uniform01(0x80000000)).toBe(0.5 + 2 ** -33);
});

test("normal pairs have mean 0, variance 1, no correlation and Gaussian tails", () => {
  const pairs = 100_000;
  const values = new Float64Array(2 * pairs);
  for (let i = 0; i < pairs; i++) {
    philox4x32(out, 7, 0, i, 0, 0, 0);
    normalPair(values, 2 * i, out[0]!, out[1]!);
  }
  let mean = 0;
  let square = 0;
  let cross = 0;
  let beyondTwo = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    mean += value / values.length;
    square += value ** 2 / values.length;
    if (i % 2 === 0) cross += (value * values[i + 1]!) / pairs;
    if (Math.abs(value) > 2) beyondTwo++;
  }
  // Four standard errors of 200,000 draws.
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(values.length));
  expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
  expect(Math.abs(cross)).toBeLessThan(4 / Math.sqrt(pairs));
  expect(Math.abs(beyondTwo / values.length - 0.0455)).toBeLessThan(4 * Math.sqrt(0.0455 / values.length));
});

test("seeds that differ only beyond 32 bits are different keys", () => {
  expect(seedWords(2 ** 32 + 5)).toEqual([5, 1]);
  expect(seedWords(5)).toEqual([5, 0]);
});

test("names that differ in one character have different words", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 20_000; i++) seen.add(textWords(`Extract/mic_${i}.mrcs`).join(":"));
  expect(seen.size).toBe(20_000);
});
