import { afterAll, describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { openDevice } from "../../src/device/open.ts";
import { deviceFft3 } from "../../src/map/device-fft3.ts";
import { type LocalResolutionOptions, localResolution } from "../../src/map/local-resolution.ts";
import { lowPassMap } from "../../src/map/low-pass.ts";
import { noise } from "./plain-fft.ts";

const device = openDevice({ kind: "cpu", threads: 1 });
afterAll(() => device.close());

const n = 64;
const pixelSizeA = 3;
const fft = deviceFft3(device);
const options: LocalResolutionOptions = { boxPx: n, pixelSizeA, fft, threshold: 0.143, worstA: 64, windowA: 0 };

/** Signal that is known to 8 Å where x is small and to 24 Å where x is large, in noise of its own for each half. */
async function halves() {
  const signal = noise(n ** 3, 51);
  const [sharp, blurred] = [
    await lowPassMap(signal, n, pixelSizeA, 8, fft),
    await lowPassMap(signal, n, pixelSizeA, 24, fft),
  ];
  const truth = sharp.map((value, i) => (i % n < n / 2 ? value : blurred[i]!));
  return [52, 53].map((seed) => {
    const own = noise(n ** 3, seed);
    return truth.map((value, i) => value + own[i]!);
  }) as [Float32Array, Float32Array];
}

function medianWhere(values: Float32Array, isIn: (x: number) => boolean): number {
  const kept = values.filter((_, i) => isIn(i % n)).sort();
  return kept[Math.floor(kept.length / 2)]!;
}

describe("local resolution", () => {
  test("a map instead of a transform is refused", async () => {
    const map = new Float32Array(n ** 3);
    await expect(localResolution(map, map, map, options)).rejects.toThrow(ShapeError);
  });

  test("tells the sharp half of a map from its blurred half, and the local filter does the same", async () => {
    const [a, b] = await halves();
    const average = a.map((value, i) => 0.5 * (value + b[i]!));
    const found = await localResolution(a, b, await fft.forward(average, n), options);
    // 12 px from the border between the halves (and from that of the periodic box) the window hardly sees it.
    const sharpA = medianWhere(found.resolutionA, (x) => x >= 13 && x < 19);
    const blurredA = medianWhere(found.resolutionA, (x) => x >= 45 && x < 51);
    expect(sharpA).toBeGreaterThan(7);
    expect(sharpA).toBeLessThan(9.5);
    expect(blurredA).toBeGreaterThan(18);
    expect(blurredA).toBeLessThan(27);
    // Noise beyond 24 Å is gone from the blurred half only.
    const rough = await fft.forward(found.filtered, n);
    expect(rough.every(Number.isFinite)).toBe(true);
    const power = (isIn: (x: number) => boolean, map: Float32Array) =>
      map.reduce((sum, value, i) => sum + (isIn(i % n) ? value * value : 0), 0);
    const fine = (await lowPassMap(found.filtered, n, pixelSizeA, 14, fft)).map(
      (value, i) => found.filtered[i]! - value,
    );
    const inSharp = power((x) => x >= 13 && x < 19, fine);
    const inBlurred = power((x) => x >= 45 && x < 51, fine);
    expect(inBlurred).toBeLessThan(0.02 * inSharp);
  });

  test("two maps of nothing but noise are resolved nowhere, whatever background they share", async () => {
    const [a, b] = [noise(n ** 3, 61), noise(n ** 3, 62)].map((map) => map.map((value) => value + 5));
    const found = await localResolution(a!, b!, await fft.forward(a!, n), options);
    const finest = found.resolutionA.slice().sort()[Math.floor(0.02 * n ** 3)]!;
    expect(finest).toBeGreaterThan(20);
  });
});
