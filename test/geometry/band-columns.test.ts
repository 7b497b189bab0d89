import { describe, expect, test } from "vitest";
import { bandPrefix, makeBand } from "../../src/geometry/band.ts";
import { COLUMN_LANES, makeBandColumns, NO_SHELL } from "../../src/geometry/band-columns.ts";

describe("the columns of a band", () => {
  test.each([
    [16, 1, 8],
    [64, 1, 17],
    [64, 0, 32],
    [64, 5, 9],
    [64, 3, 3],
  ])("box %i, shells %i to %i: every pixel once, mates side by side, one kx per lane of a chunk", (boxPx, from, to) => {
    const band = makeBand(boxPx, boxPx / 2);
    const [first, end] = [bandPrefix(band, from - 1), bandPrefix(band, to)];
    const columns = makeBandColumns(band, first, end);
    expect(columns.source.filter((k) => k >= 0).sort()).toEqual(
      Int32Array.from({ length: end - first }, (_, i) => first + i),
    );
    for (let chunk = 0; chunk < columns.chunkCount; chunk++) {
      const head = 2 * COLUMN_LANES * columns.chunkStart[chunk]!;
      for (let row = columns.chunkStart[chunk]!; row < columns.chunkStart[chunk + 1]!; row++) {
        for (let lane = 0; lane < COLUMN_LANES; lane++) {
          const plus = 2 * COLUMN_LANES * row + lane;
          const minus = plus + COLUMN_LANES;
          expect([columns.kx[plus], columns.kx[minus]]).toEqual([columns.kx[head + lane], columns.kx[head + lane]]);
          expect(columns.ky[plus]).toBeGreaterThanOrEqual(0);
          expect(columns.ky[plus]! + columns.ky[minus]!).toBe(0);
          for (const at of [plus, minus]) {
            const k = columns.source[at]!;
            const wanted = k < 0 ? NO_SHELL : band.shell[k];
            expect(columns.shell[at]).toBe(wanted);
            if (k >= 0) expect([columns.kx[at], columns.ky[at]]).toEqual([band.kx[k], band.ky[k]]);
          }
        }
      }
    }
    expect(columns.chunkStart.at(-1)).toBe(columns.rowCount);
  });

  test("the pixels of a disc waste less than a third of the rows", () => {
    const band = makeBand(64, 32);
    for (const shell of [8, 12, 17, 20]) {
      const count = bandPrefix(band, shell) - 1;
      const { source } = makeBandColumns(band, 1, count + 1);
      expect(source.length / count, `shell ${shell}`).toBeLessThan(1.5);
    }
  });
});
