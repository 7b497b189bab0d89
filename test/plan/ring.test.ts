import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulateRing } from "../../src/plan/ring.ts";
import { ringByQueue } from "./ring-queue.ts";

/** Sums of a few doubles in another order. */
const ROUNDING = 1e-9;

const seconds = fc.double({ min: 0.001, max: 10, noNaN: true });
const belts = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.record({
    readyS: fc.array(seconds, { minLength: n, maxLength: n }).map((v) => Float64Array.from(v)),
    compareS: fc.array(seconds, { minLength: n, maxLength: n }).map((v) => Float64Array.from(v)),
    slices: fc.array(fc.nat(3), { minLength: n, maxLength: n }).map((v) => Float64Array.from(v)),
    latencyS: seconds,
    sliceShiftS: seconds,
  }),
);

const equalBelt = (n: number, ready: number, compare: number, shift: number) => ({
  readyS: new Float64Array(n).fill(ready),
  compareS: new Float64Array(n).fill(compare),
  slices: new Float64Array(n).fill(1),
  latencyS: shift / 2,
  sliceShiftS: shift / 2,
});

describe("a belt", () => {
  test("ends when a queue of events says that it ends, and waits as long", () => {
    fc.assert(
      fc.property(belts, (belt) => {
        const fast = simulateRing(belt);
        const slow = ringByQueue(belt);
        belt.readyS.forEach((_, k) => {
          expect(Math.abs(fast.finishS[k]! - slow.finishS[k]!)).toBeLessThan(ROUNDING);
          expect(Math.abs(fast.waitedS[k]! - slow.waitedS[k]!)).toBeLessThan(ROUNDING);
        });
      }),
    );
  });

  test("brings every block to every node exactly once", () => {
    fc.assert(
      fc.property(belts, (belt) => {
        const everyone = belt.readyS.map((_, k) => k);
        for (const blocks of ringByQueue(belt).seen) {
          expect(blocks.toSorted((a, b) => a - b)).toEqual([...everyone]);
        }
      }),
    );
  });

  test("of equal nodes takes (n − 1) times the longer of compare and transfer, and one compare", () => {
    for (const [n, compare, shift] of [
      [1, 2, 3],
      [2, 2, 3],
      [7, 2, 3],
      [64, 3, 2],
    ] as const) {
      const { finishS, waitedS } = simulateRing(equalBelt(n, 5, compare, shift));
      for (const finish of finishS) expect(finish).toBeCloseTo(5 + (n - 1) * Math.max(compare, shift) + compare, 9);
      for (const waited of waitedS) expect(waited).toBeCloseTo((n - 1) * Math.max(0, shift - compare), 9);
    }
  });

  test("never ends before the work of its slowest node, and no node later than all stalls together", () => {
    fc.assert(
      fc.property(belts, (belt) => {
        const n = belt.readyS.length;
        const last = Math.max(...simulateRing(belt).finishS);
        const all = belt.slices.reduce((a, b) => a + b, 0);
        belt.readyS.forEach((ready, k) => {
          expect(last).toBeGreaterThanOrEqual(ready + all * belt.compareS[k]! - ROUNDING);
        });
        const most = Math.max(...belt.slices);
        const step = most * Math.max(...belt.compareS) + belt.latencyS + most * belt.sliceShiftS;
        const worst = Math.max(...belt.readyS) + n * step;
        expect(last).toBeLessThanOrEqual(worst + ROUNDING);
      }),
    );
  });

  test("is never slowed by a faster network, a faster node or an earlier start", () => {
    fc.assert(
      fc.property(belts, fc.nat(8), fc.double({ min: 0, max: 1, noNaN: true }), (belt, which, factor) => {
        const k = which % belt.readyS.length;
        const before = simulateRing(belt).finishS;
        const better = [
          { ...belt, latencyS: factor * belt.latencyS },
          { ...belt, sliceShiftS: factor * belt.sliceShiftS },
          { ...belt, compareS: belt.compareS.with(k, factor * belt.compareS[k]!) },
          { ...belt, slices: belt.slices.with(k, factor * belt.slices[k]!) },
          { ...belt, readyS: belt.readyS.with(k, factor * belt.readyS[k]!) },
        ];
        for (const other of better) {
          simulateRing(other).finishS.forEach((finish, i) => {
            expect(finish).toBeLessThanOrEqual(before[i]! + ROUNDING);
          });
        }
      }),
    );
  });

  test("of 4,096 nodes is simulated in about a second", () => {
    const start = performance.now();
    simulateRing(equalBelt(4096, 1, 2, 3));
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});
