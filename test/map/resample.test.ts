import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makeBlobs } from "../../src/map/blobs.ts";
import { cropTransformInto } from "../../src/map/crop-transform.ts";
import { resampleMap } from "../../src/map/resample.ts";
import { noise, plainFft } from "./plain-fft.ts";

const molecule = makeBlobs([
  { xA: 4, yA: -3, zA: 1, sigmaA: 5, weight: 2 },
  { xA: -6, yA: 5, zA: 3.5, sigmaA: 4.5, weight: 1 },
]);
/** Density per Å³: what resampling keeps. */
function density(boxPx: number, pixelSizeA: number): Float32Array {
  const map = blobDensityInto(new Float32Array(boxPx ** 3), boxPx, pixelSizeA, molecule);
  return map.map((value) => value / pixelSizeA ** 3);
}

function expectSame(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  const peak = expected.reduce((largest, value) => Math.max(largest, value), 0);
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < actual.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance * peak);
}

describe("resampling a map", () => {
  test("a map of another length and a zero pixel size are refused", () => {
    const to = { boxPx: 8, pixelSizeA: 1 };
    expect(() => resampleMap(new Float32Array(7), { boxPx: 8, pixelSizeA: 1 }, to)).toThrow(ShapeError);
    expect(() => resampleMap(new Float32Array(512), { boxPx: 8, pixelSizeA: 0 }, to)).toThrow(UsageError);
  });

  test.each([
    [24, 3, 30, 2.2],
    [24, 3, 20, 3.7],
    [25, 3, 24, 2.9],
    [24, 3, 27, 3],
    [24, 3, 17, 3],
  ])("from %i px of %s Å to %i px of %s Å gives the molecule sampled there", (fromPx, fromA, toPx, toA) => {
    const from = { boxPx: fromPx, pixelSizeA: fromA };
    const resampled = resampleMap(density(fromPx, fromA), from, { boxPx: toPx, pixelSizeA: toA });
    // 1e-3: the Gaussians have e⁻⁹ of their amplitude left at the coarser Nyquist.
    expectSame(resampled, density(toPx, toA), 1e-3);
  });

  test("the same grid gives the same map back", () => {
    const map = noise(1000, 41);
    expect(resampleMap(map, { boxPx: 10, pixelSizeA: 1.5 }, { boxPx: 10, pixelSizeA: 1.5 })).toEqual(map);
  });

  test("binning by two equals cropping the transform", async () => {
    const map = noise(16 ** 3, 42);
    const transform = await plainFft.forward(map, 16);
    const cropped = await plainFft.inverse(cropTransformInto(new Float32Array(2 * 8 * 8 * 5), 8, transform, 16), 8);
    const resampled = resampleMap(map, { boxPx: 16, pixelSizeA: 1 }, { boxPx: 8, pixelSizeA: 2 });
    expectSame(resampled, cropped, 1e-5);
  });

  test("a transform padded and cropped back loses nothing but Nyquist", async () => {
    const map = density(12, 4);
    const transform = await plainFft.forward(map, 12);
    const padded = cropTransformInto(new Float32Array(2 * 20 * 20 * 11), 20, transform, 12);
    const back = cropTransformInto(new Float32Array(transform.length), 12, padded, 20);
    expectSame(await plainFft.inverse(back, 12), map, 1e-5);
  });
});
