import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { clusterPresets } from "../../src/plan/cluster-model.ts";
import { defaultRates, KERNELS, kernelSeconds, ratesFromBench } from "../../src/plan/kernel-rates.ts";

/** The file that the default names as its source. */
const results = new URL(`../../${defaultRates.source.match(/bench\/results\/[^)]+\.json/)![0]}`, import.meta.url);
/** The default is that file, in three digits. */
const DIGITS = 0.005;

describe("a file that is no benchmark is refused with its name", () => {
  test.each([
    ["no JSON", "hello", "x.json: expected JSON as npm run bench writes it"],
    ["JSON of something else", '{"rounds": 3}', 'x.json: expected "kernels" with gflops and processorMs'],
    ["an empty value", "null", 'x.json: expected "kernels"'],
  ])("%s", (_, text, message) => {
    expect(() => ratesFromBench(text, "x.json")).toThrow(DataError);
    expect(() => ratesFromBench(text, "x.json")).toThrow(message);
  });
});

test("the default rates are those of the benchmark's file", () => {
  const rates = ratesFromBench(readFileSync(results, "utf8"), "file");
  for (const kernel of KERNELS) expect(rates.gflops[kernel] / defaultRates.gflops[kernel]).toBeCloseTo(1, 1);
  expect(Math.abs(rates.gflops.compare / defaultRates.gflops.compare - 1)).toBeLessThan(DIGITS);
  expect(Math.abs(rates.peakGflops / defaultRates.peakGflops - 1)).toBeLessThan(DIGITS);
  expect(Math.abs(rates.copyGBps / defaultRates.copyGBps - 1)).toBeLessThan(DIGITS);
});

test("a core of the measured machine takes flops over rate; kernels bound by memory follow its bandwidth, the others its peak", () => {
  const own = {
    ...clusterPresets.cluster.node,
    cores: 1,
    gflopsPerCore: defaultRates.peakGflops,
    memoryGBps: defaultRates.copyGBps,
  };
  const compare = 1e9 * defaultRates.gflops.compare;
  const fft = 1e9 * defaultRates.gflops.fft;
  expect(kernelSeconds({ compare }, defaultRates, own)).toBeCloseTo(1, 9);
  expect(kernelSeconds({ compare, fft }, defaultRates, own)).toBeCloseTo(2, 9);
  const wide = { ...own, cores: 10 };
  expect(kernelSeconds({ compare, fft }, defaultRates, wide)).toBeCloseTo(1.1, 9);
  const fast = { ...own, memoryGBps: 4 * defaultRates.copyGBps };
  expect(kernelSeconds({ compare, fft }, defaultRates, fast)).toBeCloseTo(1.25, 9);
});
