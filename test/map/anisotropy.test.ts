import { describe, expect, test } from "vitest";
import { signedFrequency } from "../../src/geometry/shells.ts";
import { measureAnisotropy } from "../../src/map/anisotropy.ts";
import { conicalFsc, directionalSums } from "../../src/map/directional-fsc.ts";
import { fscFromTransforms } from "../../src/map/fsc.ts";
import { noise, plainFft } from "./plain-fft.ts";

const n = 32;
const length = n / 2 + 1;

/** Transforms of two maps with a common signal to shell 12, except within `missingDeg` of the axis z. */
async function pair(missingDeg: number): Promise<[Float32Array, Float32Array]> {
  const signal = await plainFft.forward(noise(n ** 3, 71), n);
  const leastCosine = Math.cos((missingDeg * Math.PI) / 180);
  const halves = [];
  for (const seed of [72, 73]) {
    const own = await plainFft.forward(noise(n ** 3, seed), n);
    for (let o = 0; o < own.length / 2; o++) {
      const kx = o % length;
      const ky = signedFrequency(Math.floor(o / length) % n, n);
      const kz = signedFrequency(Math.floor(o / length / n), n);
      const radius = Math.hypot(kx, ky, kz);
      const isMissing = radius > 0 && Math.abs(kz) / radius > leastCosine;
      const gain = isMissing || radius > 12 ? 0 : 2;
      own[2 * o]! += gain * signal[2 * o]!;
      own[2 * o + 1]! += gain * signal[2 * o + 1]!;
    }
    halves.push(own);
  }
  return halves as [Float32Array, Float32Array];
}

async function measured(missingDeg: number) {
  const [a, b] = await pair(missingDeg);
  const [c, d] = [await plainFft.forward(noise(n ** 3, 74), n), await plainFft.forward(noise(n ** 3, 75), n)];
  return measureAnisotropy({
    masked: directionalSums(a, b, n),
    randomised: directionalSums(c, d, n),
    lastTrueShell: 12,
    global: fscFromTransforms(a, b, n),
    pixelSizeA: 2,
  });
}

describe("the directional FSC", () => {
  test("in a cone that holds every direction is the FSC", async () => {
    const [a, b] = await pair(30);
    const fsc = fscFromTransforms(a, b, n);
    const [cone] = conicalFsc(directionalSums(a, b, n), Float64Array.of(0, 0, 1), Math.PI / 2);
    for (let shell = 1; shell <= n / 2; shell++) expect(cone!.fsc[shell]).toBeCloseTo(fsc[shell]!, 10);
  });

  test("is low in the cone without signal and high across it", async () => {
    const [a, b] = await pair(35);
    const axes = Float64Array.of(0, 0, 1, 1, 0, 0, 0, -1, 0);
    const curves = conicalFsc(directionalSums(a, b, n), axes, (20 * Math.PI) / 180);
    // 4 parts of signal power to 1 of noise in each half: 0.8. Each mean is that of some 100 independent voxels.
    const mean = (fsc: Float64Array) => fsc.subarray(7, 11).reduce((sum, value) => sum + value, 0) / 4;
    expect(Math.abs(mean(curves[0]!.fsc))).toBeLessThan(0.3);
    expect(Math.abs(mean(curves[1]!.fsc) - 0.8)).toBeLessThan(0.15);
    expect(Math.abs(mean(curves[2]!.fsc) - 0.8)).toBeLessThan(0.15);
  });

  test("the area ratio is near 1 for equal directions and falls when views are missing", async () => {
    const whole = await measured(0);
    const missing = await measured(35);
    expect(whole.areaRatio).toBeGreaterThan(0.85);
    expect(missing.areaRatio).toBeLessThan(0.4);
    const worst = missing.area.indexOf(missing.area.reduce((x, y) => Math.min(x, y)));
    expect(Math.abs(missing.axes[3 * worst + 2]!)).toBeGreaterThan(0.85);
    expect(missing.resolutionA[worst]!).toBeGreaterThan(1.5 * whole.resolutionA[worst]!);
  });
});
