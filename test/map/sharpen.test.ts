import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { blobDensityInto } from "../../src/map/blob-density.ts";
import { makeBlobs } from "../../src/map/blobs.ts";
import { fitGuinier } from "../../src/map/guinier.ts";
import { makeMtfCurve, mtfAt } from "../../src/map/mtf.ts";
import { radialGainInto } from "../../src/map/radial-gain.ts";
import { fscWeights, type SharpenOptions, sharpenMap } from "../../src/map/sharpen.ts";
import { radialSpectrum } from "../../src/map/spectra.ts";
import { noise, plainFft } from "./plain-fft.ts";

const n = 24;
const pixelSizeA = 2;
const ones = new Float64Array(n / 2 + 1).fill(1);
const plain: SharpenOptions = {
  boxPx: n,
  pixelSizeA,
  fft: plainFft,
  fsc: ones,
  mtf: null,
  bFactorA2: "fit",
  fitFromA: 20,
  fitToA: 4.5,
  lowPassA: null,
};

/** A Gaussian molecule of one blob: its transform is exp(-2π² σ² s²), which is a B-factor of 8π² σ². */
function blob(sigmaA: number): Float32Array {
  const blobs = makeBlobs([{ xA: 0, yA: 0, zA: 0, sigmaA, weight: 1000 }]);
  return blobDensityInto(new Float32Array(n ** 3), n, pixelSizeA, blobs);
}

describe("the Guinier fit", () => {
  test("a range of no resolution at all is refused, one of too few shells has no line", () => {
    const range = { boxPx: n, pixelSizeA, fromA: 20, toA: 0 };
    expect(() => fitGuinier(ones, range)).toThrow(UsageError);
    expect(fitGuinier(ones, { ...range, toA: 15 })).toBeNull();
  });

  test.each([1.5, 2.5])("gives back the B-factor 8π²σ² of a Gaussian of σ = %f Å", async (sigmaA) => {
    const { fit } = await sharpenMap(blob(sigmaA), plain);
    // 1 %: shells are half a pixel wide on either side.
    expect(fit!.bFactorA2 / (-8 * Math.PI ** 2 * sigmaA ** 2)).toBeCloseTo(1, 2);
    expect(fit!.correlation).toBeLessThan(-0.99);
  });

  test("gives back the B-factor that a map of white noise was blurred with", async () => {
    const transform = await plainFft.forward(noise(n ** 3, 3), n);
    radialGainInto(transform, transform, n, (radius) => Math.exp((-150 / 4) * (radius / (n * pixelSizeA)) ** 2));
    const { fit } = await sharpenMap(await plainFft.inverse(transform, n), plain);
    // 5 %: the mean amplitude of a shell of 200 voxels and more scatters by 2 to 4 %.
    expect(Math.abs(fit!.bFactorA2 / -150 - 1)).toBeLessThan(0.05);
  });
});

describe("sharpening", () => {
  test("with the fitted B-factor makes a Gaussian's amplitudes flat, up to the low pass and not beyond", async () => {
    const { map, curves, bFactorA2 } = await sharpenMap(blob(2), { ...plain, lowPassA: 6 });
    expect(bFactorA2).toBeLessThan(0);
    const flat = [...curves.sharpened].slice(2, 8);
    expect(Math.max(...flat) - Math.min(...flat)).toBeLessThan(0.1);
    const { amplitude } = radialSpectrum(await plainFft.forward(map, n), n);
    expect(amplitude[6]! / amplitude[3]!).toBeCloseTo(1, 1);
    expect(amplitude[10]! / amplitude[3]!).toBeLessThan(1e-3);
  });

  test("divides by the detector's MTF: what it took away is there again", async () => {
    const truth = noise(n ** 3, 4);
    const mtf = makeMtfCurve("mtf", [0, 0.25, 0.5], [1, 0.8, 0.3], 1.5);
    const transform = await plainFft.forward(truth, n);
    radialGainInto(transform, transform, n, (radius) => mtfAt(mtf, radius / (n * pixelSizeA)));
    const { map } = await sharpenMap(await plainFft.inverse(transform, n), { ...plain, mtf, bFactorA2: 0 });
    const again = radialSpectrum(await plainFft.forward(map, n), n).amplitude;
    const wanted = radialSpectrum(await plainFft.forward(truth, n), n).amplitude;
    for (let shell = 1; shell <= n / 2; shell++) expect(again[shell]! / wanted[shell]!).toBeCloseTo(1, 4);
  });

  test("weights each shell with √(2f/(1+f)) and stops at the first shell without agreement", () => {
    const weights = fscWeights([1, 0.5, 0.143, 0, 0.5]);
    expect(Array.from(weights, (weight) => Number(weight.toFixed(4)))).toEqual([1, 0.8165, 0.5002, 0, 0]);
  });
});

describe("an MTF table", () => {
  test("is a polygon through its rows", () => {
    const mtf = makeMtfCurve("mtf", [0, 0.1, 0.5], [1, 0.9, 0.1], 2);
    expect(mtfAt(mtf, 0.05)).toBeCloseTo(0.9, 12);
    expect(mtfAt(mtf, 0.15)).toBeCloseTo(0.5, 12);
    expect(mtfAt(mtf, 0.4)).toBeCloseTo(0.1, 12);
  });

  test.each([
    ["falling frequencies", [0, 0.3, 0.2], [1, 1, 1], "row 3: expected rising frequencies, got 0.2 1/px"],
    ["a zero", [0, 0.5], [1, 0], "row 2: expected a frequency of at least 0 and an MTF above 0, got 0.5 1/px, 0"],
    ["an end before Nyquist", [0, 0.4], [1, 0.5], "expected an MTF up to 0.5 1/px, got one that ends at 0.4"],
    ["a single row", [0], [1], "expected at least two rows"],
  ])("with %s is refused", (_, frequency, value, message) => {
    const call = () => makeMtfCurve("mtf.star", frequency, value, 1);
    expect(call).toThrow(DataError);
    expect(call).toThrow(message);
  });
});
