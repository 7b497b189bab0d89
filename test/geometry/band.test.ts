import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { bandPrefix, makeBand, makeBandIndex } from "../../src/geometry/band.ts";

describe("the band of an image", () => {
  test.each([
    [64, 33],
    [64, -1],
    [64, 2.5],
    [1, 0],
    [63.5, 3],
  ])("box %s with shell %s is refused", (boxPx, maxShell) => {
    expect(() => makeBand(boxPx, maxShell)).toThrow(UsageError);
  });

  test.each([
    [16, 8],
    [16, 5],
    [17, 8],
    [64, 32],
  ])("box %i to shell %i holds each Friedel pair exactly once and no pixel without a partner", (boxPx, maxShell) => {
    const band = makeBand(boxPx, maxShell);
    const seen = new Set<string>();
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const [kx, ky] = [band.kx[pixel]!, band.ky[pixel]!];
      expect(kx > 0 || (kx === 0 && ky >= 0)).toBe(true);
      seen.add(`${kx},${ky}`).add(`${-kx},${-ky}`);
    }
    let full = 0;
    for (let ky = -Math.floor(boxPx / 2); ky <= boxPx / 2; ky++) {
      for (let kx = -Math.floor(boxPx / 2); kx <= boxPx / 2; kx++) {
        const radius = Math.hypot(kx, ky);
        const hasPartner = 2 * Math.abs(kx) < boxPx && 2 * Math.abs(ky) < boxPx;
        if (!hasPartner || radius > boxPx / 2 || Math.round(radius) > maxShell) continue;
        expect(seen.has(`${kx},${ky}`)).toBe(true);
        full++;
      }
    }
    expect(seen.size).toBe(full);
    expect(2 * band.pixelCount - 1).toBe(full);
  });

  test("pixels run by shell, then ky, then kx, and a smaller radius is a prefix", () => {
    const band = makeBand(48, 20);
    const key = (pixel: number) => (band.shell[pixel]! * 1000 + band.ky[pixel]! + 100) * 1000 + band.kx[pixel]!;
    for (let pixel = 1; pixel < band.pixelCount; pixel++) expect(key(pixel)).toBeGreaterThan(key(pixel - 1));
    for (let shell = 0; shell <= 20; shell++) {
      const smaller = makeBand(48, shell);
      expect(bandPrefix(band, shell)).toBe(smaller.pixelCount);
      expect(band.shellStart[shell + 1]).toBe(smaller.pixelCount);
      expect(band.kx.subarray(0, smaller.pixelCount)).toEqual(smaller.kx);
      expect(band.ky.subarray(0, smaller.pixelCount)).toEqual(smaller.ky);
    }
    expect(band.shellStart[0]).toBe(0);
    expect(bandPrefix(band, -1)).toBe(0);
    expect(bandPrefix(band, 99)).toBe(band.pixelCount);
  });

  test("shell 1 is (0,1), (1,0), (1,±1)", () => {
    const band = makeBand(8, 1);
    expect([...band.kx]).toEqual([0, 1, 1, 0, 1]);
    expect([...band.ky]).toEqual([0, -1, 0, 1, 1]);
  });

  test("the count is close to half a disc", () => {
    // ±5: pixels on the circle's edge.
    expect(Math.abs(makeBand(160, 39).pixelCount - (Math.PI * 39.5 ** 2) / 2)).toBeLessThan(30);
  });

  test("band pixels find their place in the half-complex transform", () => {
    const band = makeBand(8, 3);
    const index = makeBandIndex(band);
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const row = (band.ky[pixel]! + 8) % 8;
      expect(index[pixel]).toBe(row * 5 + band.kx[pixel]!);
    }
  });
});
