import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { signedFrequency } from "../../src/geometry/shells.ts";
import { correctedFsc } from "../../src/map/corrected-fsc.ts";
import { lowPassMap } from "../../src/map/low-pass.ts";
import { sphereMaskInto } from "../../src/map/masks.ts";
import { randomisePhasesInto } from "../../src/map/phase-randomise.ts";
import { radialSpectrum } from "../../src/map/spectra.ts";
import { noise, plainFft } from "./plain-fft.ts";

describe("phase randomisation", () => {
  test.each([8, 9])(
    "keeps amplitudes everywhere and phases up to the shell, and the %i³ result is a real map",
    async (n) => {
      const map = noise(n ** 3, 21);
      const transform = await plainFft.forward(map, n);
      const random = randomisePhasesInto(new Float32Array(transform.length), transform, n, 2, 5, 0);
      const half = Math.floor(n / 2) + 1;
      let changed = 0;
      for (let o = 0; o < transform.length / 2; o++) {
        const k = [o % half, Math.floor(o / half) % n, Math.floor(o / half / n)].map((i) => signedFrequency(i, n));
        const [re, im] = [random[2 * o]!, random[2 * o + 1]!];
        const amplitude = Math.hypot(transform[2 * o]!, transform[2 * o + 1]!);
        expect(Math.hypot(re, im)).toBeCloseTo(amplitude, 3);
        const isSame = re === transform[2 * o] && im === transform[2 * o + 1];
        if (Math.round(Math.hypot(...k)) <= 2) expect(isSame).toBe(true);
        else if (!isSame) changed++;
      }
      expect(changed).toBeGreaterThan(0.9 * (transform.length / 2 - 40));
      // Real: a transform that is not Hermitian would not come back from its real part.
      const again = await plainFft.forward(await plainFft.inverse(random, n), n);
      for (let i = 0; i < random.length; i++) expect(Math.abs(again[i]! - random[i]!)).toBeLessThan(2e-3);
    },
  );

  test("depends on seed and stream alone", async () => {
    const transform = await plainFft.forward(noise(512, 22), 8);
    const make = (seed: number, stream: number) =>
      randomisePhasesInto(new Float32Array(transform.length), transform, 8, 1, seed, stream);
    expect(make(3, 0)).toEqual(make(3, 0));
    expect(make(3, 0)).not.toEqual(make(3, 1));
    expect(make(3, 0)).not.toEqual(make(4, 0));
  });
});

describe("the corrected FSC", () => {
  const n = 24;
  const mask = sphereMaskInto(new Float32Array(n ** 3), n, 6, 3);

  test("a mask of another box is refused", async () => {
    const map = new Float32Array(n ** 3);
    await expect(correctedFsc(map, map, { boxPx: n, mask: mask.subarray(1), fft: plainFft, seed: 1 })).rejects.toThrow(
      ShapeError,
    );
  });

  test("takes out the agreement that a tight mask alone makes of two independent noise maps", async () => {
    const shared = await lowPassMap(noise(n ** 3, 30), n, 1, n / 4, plainFft);
    const [a, b] = [31, 32].map((seed) => noise(n ** 3, seed).map((value, i) => 0.1 * value + 3 * shared[i]!));
    // A constant offset, as a shared background: it leaks through the mask's edge into every shell.
    const result = await correctedFsc(
      a!.map((value) => value + 0.5),
      b!.map((value) => value + 0.5),
      { boxPx: n, mask, fft: plainFft, seed: 9 },
    );
    expect(result.lastTrueShell).toBeGreaterThanOrEqual(3);
    expect(result.lastTrueShell).toBeLessThanOrEqual(5);
    const beyond = [...result.corrected.keys()].filter((shell) => shell >= result.lastTrueShell + 3);
    const mean = (curve: Float64Array) => beyond.reduce((sum, shell) => sum + curve[shell]!, 0) / beyond.length;
    expect(Math.abs(mean(result.unmasked))).toBeLessThan(0.1);
    expect(Math.abs(mean(result.corrected))).toBeLessThan(0.1);
    for (let shell = 0; shell < result.lastTrueShell + 3; shell++) {
      expect(result.corrected[shell]).toBe(result.masked[shell]);
    }
  });
});

describe("the mean of several randomisations", () => {
  const n = 24;
  const mask = sphereMaskInto(new Float32Array(n ** 3), n, 6, 3);
  const run = (seed: number, randomisationCount: number) =>
    correctedFsc(noise(n ** 3, 41), noise(n ** 3, 42), { boxPx: n, mask, fft: plainFft, seed, randomisationCount });

  test("scatters less than a single one, and the corrected FSC of pure noise lies flat around 0", async () => {
    const scatter = async (count: number) => {
      let sum = 0;
      // Five pairs: that of one is mostly the chance of its first shells.
      for (let seed = 1; seed < 10; seed += 2) {
        const [first, second] = [await run(seed, count), await run(seed + 1, count)];
        first.randomised.forEach((value, shell) => {
          sum += (value - second.randomised[shell]!) ** 2;
        });
      }
      return sum;
    };
    expect(await scatter(6)).toBeLessThan(0.5 * (await scatter(1)));
    const { corrected } = await run(3, 6);
    const beyond = [...corrected].slice(3);
    // 216 voxels and more of a shell, of which the mask leaves about one in six independent.
    expect(Math.abs(beyond.reduce((sum, value) => sum + value, 0) / beyond.length)).toBeLessThan(0.08);
  });
});

describe("the low pass", () => {
  const n = 24;

  test("keeps what is below its edge, halves the cutoff shell's amplitude and removes what is above", async () => {
    const map = noise(n ** 3, 33);
    const filtered = await lowPassMap(map, n, 2, (n * 2) / 6, plainFft, 2);
    const before = radialSpectrum(await plainFft.forward(map, n), n);
    const after = radialSpectrum(await plainFft.forward(filtered, n), n);
    for (let shell = 1; shell < 5; shell++) expect(after.power[shell]! / before.power[shell]!).toBeCloseTo(1, 4);
    expect(Math.sqrt(after.power[6]! / before.power[6]!)).toBeCloseTo(0.5, 1);
    for (let shell = 8; shell <= 12; shell++) expect(after.power[shell]! / before.power[shell]!).toBeLessThan(1e-8);
  });
});
