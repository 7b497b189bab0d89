import { expect, test } from "vitest";
import { halfOf, halfTable } from "../../src/io/mrc/half.ts";

test("half precision has its published landmarks", () => {
  const table = halfTable();
  const landmarks: [number, number][] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ];
  for (const [half, value] of landmarks) expect(table[half]).toBe(value);
  expect(table[0x7e00]).toBeNaN();
  expect(Object.is(table[0x8000], -0)).toBe(true);
});

test("every finite half survives the way to float and back", () => {
  const table = halfTable();
  const lost: number[] = [];
  for (let half = 0; half < 0x10000; half++) {
    const isNan = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    if (!isNan && halfOf(table[half]!) !== half) lost.push(half);
  }
  expect(lost).toEqual([]);
});

test("a float rounds to the nearest half, ties to even, and beyond 65,520 to infinity", () => {
  const table = halfTable();
  const wrong: number[] = [];
  for (let half = 1; half < 0x7bff; half++) {
    const [low, high] = [table[half]!, table[half + 1]!];
    const middle = (low + high) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    const above = middle + (high - low) / 64;
    const below = -(middle - (high - low) / 64);
    if (halfOf(middle) !== even || halfOf(above) !== half + 1 || halfOf(below) !== (half | 0x8000)) wrong.push(half);
  }
  expect(wrong).toEqual([]);
  expect(halfOf(65519)).toBe(0x7bff);
  expect(halfOf(65520)).toBe(0x7c00);
  expect(halfOf(Number.NaN)).toBe(0x7e00);
  expect(halfOf(1e-9)).toBe(0);
});
