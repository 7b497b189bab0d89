import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { signedFrequency } from "../../src/geometry/shells.ts";
import { fscFromTransforms, fscOfMaps } from "../../src/map/fsc.ts";
import { HALF_MAP_THRESHOLD, resolutionAt } from "../../src/map/resolution.ts";
import { radialSpectrum } from "../../src/map/spectra.ts";
import { noise, plainFft } from "./plain-fft.ts";

/** FSC by its definition, over every voxel of the full transform. */
function fullFsc(a: Float32Array, b: Float32Array, n: number): number[] {
  const sums = Array.from({ length: Math.floor(n / 2) + 1 }, () => [0, 0, 0] as [number, number, number]);
  const transforms = [a, b].map((map) => fullTransform(map, n));
  for (let i = 0; i < n ** 3; i++) {
    const k = [i % n, Math.floor(i / n) % n, Math.floor(i / n ** 2)].map((index) => signedFrequency(index, n));
    const sum = sums[Math.round(Math.hypot(...k))];
    if (!sum) continue;
    const [[ar, ai], [br, bi]] = transforms.map((t) => [t[2 * i]!, t[2 * i + 1]!]) as [
      [number, number],
      [number, number],
    ];
    sum[0] += ar * br + ai * bi;
    sum[1] += ar * ar + ai * ai;
    sum[2] += br * br + bi * bi;
  }
  return sums.map(([cross, powerA, powerB]) => cross / Math.sqrt(powerA * powerB));
}

function fullTransform(map: Float32Array, n: number): Float64Array {
  const out = new Float64Array(2 * n ** 3);
  for (let k = 0; k < n ** 3; k++) {
    for (let i = 0; i < n ** 3; i++) {
      const turn =
        ((k % n) * (i % n)) / n +
        ((Math.floor(k / n) % n) * (Math.floor(i / n) % n)) / n +
        (Math.floor(k / n ** 2) * Math.floor(i / n ** 2)) / n;
      out[2 * k]! += map[i]! * Math.cos(2 * Math.PI * turn);
      out[2 * k + 1]! -= map[i]! * Math.sin(2 * Math.PI * turn);
    }
  }
  return out;
}

describe("the FSC", () => {
  test("a map where a transform is expected is refused with the remedy", () => {
    expect(() => fscFromTransforms(new Float32Array(512), new Float32Array(512), 8)).toThrow(ShapeError);
    expect(() => fscFromTransforms(new Float32Array(512), new Float32Array(512), 8)).toThrow(/forward 3D transform/);
  });

  test.each([6, 7])("of two %i³ maps it is the sum over the full transform", async (n) => {
    const a = noise(n ** 3, 1);
    const b = noise(n ** 3, 2).map((value, i) => value + a[i]!);
    const fsc = await fscOfMaps(a, b, n, plainFft);
    const expected = fullFsc(a, b, n);
    expect(fsc).toHaveLength(expected.length);
    // 1e-6: transforms stored in single precision.
    for (let shell = 1; shell < fsc.length; shell++) expect(fsc[shell]).toBeCloseTo(expected[shell]!, 6);
    expect(fsc[0]).toBe(1);
  });

  test("of a map with itself it is 1, with its negative -1, and an empty map agrees with nothing", async () => {
    const map = noise(512, 3);
    const zero = new Float32Array(512);
    const minus = map.map((value) => -3 * value);
    for (const value of (await fscOfMaps(map, map, 8, plainFft)).subarray(1)) expect(value).toBeCloseTo(1, 6);
    for (const value of (await fscOfMaps(map, minus, 8, plainFft)).subarray(1)) expect(value).toBeCloseTo(-1, 6);
    for (const value of (await fscOfMaps(map, zero, 8, plainFft)).subarray(1)) expect(value).toBe(0);
  });

  test("two maps with equal signal and independent noise of SNR 1 correlate at one half", async () => {
    const n = 24;
    const signal = noise(n ** 3, 4);
    const [a, b] = [5, 6].map((seed) => noise(n ** 3, seed).map((value, i) => value + signal[i]!));
    const fsc = await fscOfMaps(a!, b!, n, plainFft);
    for (let shell = 4; shell < fsc.length; shell++) {
      // Standard error 1/√n with n independent voxels in the shell, five times.
      expect(Math.abs(fsc[shell]! - 0.5)).toBeLessThan(5 / Math.sqrt(2 * Math.PI * shell ** 2));
    }
  });
});

describe("the resolution", () => {
  const curve = [1, 1, 0.9, 0.5, 0.3, 0.05, 0.4, 0];

  test("is where the straight line between two shells crosses the threshold, at the first fall", () => {
    const result = resolutionAt(curve, HALF_MAP_THRESHOLD, 64, 2);
    expect(result.lastShell).toBe(4);
    // 4 + (0.3 - 0.143) / 0.25
    expect(result.crossingShell).toBeCloseTo(4.628, 12);
    expect(result.resolutionA).toBeCloseTo(128 / 4.628, 10);
    expect(result.isNyquistLimited).toBe(false);
  });

  test("a shell exactly at the threshold still counts", () => {
    expect(resolutionAt(curve, 0.5, 64, 2).lastShell).toBe(3);
  });

  test("a curve that never falls is limited by Nyquist, and says so", () => {
    expect(resolutionAt([1, 0.9, 0.9, 0.9, 0.9], 0.143, 8, 3)).toMatchObject({
      isNyquistLimited: true,
      lastShell: 4,
      resolutionA: 6,
    });
  });

  test("a curve below the threshold from its first shell resolves nothing, NaN included", () => {
    expect(resolutionAt([1, 0, 0], 0.143, 8, 3).lastShell).toBe(0);
    expect(resolutionAt([1, Number.NaN, 1], 0.143, 8, 3).lastShell).toBe(0);
    expect(resolutionAt([1, Number.NaN, 1], 0.143, 8, 3).resolutionA).toBeGreaterThan(1e9);
  });
});

describe("the radial spectrum", () => {
  test("of white noise is flat, and its sum is the map's power (Parseval)", async () => {
    const n = 16;
    const map = noise(n ** 3, 7);
    const { power, amplitude, voxelCount } = radialSpectrum(await plainFft.forward(map, n), n);
    const variance = map.reduce((sum, value) => sum + value * value, 0) / n ** 3;
    for (let shell = 3; shell <= 8; shell++) {
      expect(power[shell]! / (variance * n ** 3)).toBeGreaterThan(0.7);
      expect(power[shell]! / (variance * n ** 3)).toBeLessThan(1.3);
      // Rayleigh: <|F|> = √(π/4 <|F|²>).
      expect(amplitude[shell]! / Math.sqrt((Math.PI / 4) * power[shell]!)).toBeCloseTo(1, 1);
    }
    expect(voxelCount[0]).toBe(1);
    expect(voxelCount[1]).toBe(18);
  });

  test("of a single wave stands in its shell alone", async () => {
    const n = 12;
    const map = Float32Array.from({ length: n ** 3 }, (_, i) => Math.cos((2 * Math.PI * 3 * (i % n)) / n));
    const { power, voxelCount } = radialSpectrum(await plainFft.forward(map, n), n);
    const total = (n ** 3) ** 2 / 2;
    for (let shell = 0; shell <= 6; shell++) {
      expect(power[shell]! * voxelCount[shell]!).toBeCloseTo(shell === 3 ? total : 0, 0);
    }
  });
});
