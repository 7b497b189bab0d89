import { afterAll, describe, expect, test } from "vitest";
import type { AddonDevice } from "../../src/device/cpu/addon.ts";
import { loadAddon } from "../../src/device/cpu/addon.ts";

const addon = loadAddon();
const device = addon.createDevice({ threads: 2 });
afterAll(() => device.destroy());

// f32 transforms of values of order 1: rounding grows with the logarithm of the size.
const FFT_TOLERANCE = 3e-6;

/** Numbers in [-1, 1) from a multiplicative generator, the same on every run. */
function makeSignal(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
}

const halfLength = (sizePx: number, depth: number) => 2 * depth * sizePx * (Math.floor(sizePx / 2) + 1);

/** Σ x exp(−2πi (kx·x + ky·y)/n + kz·z/d), one term after the other, in double precision. */
function naiveDft(real: Float32Array, n: number, depth: number): Float64Array {
  const out = new Float64Array(halfLength(n, depth));
  let index = 0;
  for (let kz = 0; kz < depth; kz++) {
    for (let ky = 0; ky < n; ky++) {
      for (let kx = 0; kx <= Math.floor(n / 2); kx++) {
        for (let z = 0; z < depth; z++) {
          for (let y = 0; y < n; y++) {
            for (let x = 0; x < n; x++) {
              const angle = -2 * Math.PI * ((kz * z) / depth + (ky * y + kx * x) / n);
              const value = real[(z * n + y) * n + x] ?? 0;
              out[index] = (out[index] ?? 0) + value * Math.cos(angle);
              out[index + 1] = (out[index + 1] ?? 0) + value * Math.sin(angle);
            }
          }
        }
        index += 2;
      }
    }
  }
  return out;
}

function relativeError(actual: Float32Array, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] ?? 0) - (expected[i] ?? 0)) ** 2;
    norm += (expected[i] ?? 0) ** 2;
  }
  return Math.sqrt(difference / norm);
}

async function forward3(target: AddonDevice, signal: Float32Array, sizePx: number, depth = sizePx) {
  const real = target.allocate("f32", signal.length);
  const complex = target.allocate("f32", halfLength(sizePx, depth));
  target.write(real, signal);
  target.run("fftForward3", { real, complex, sizePx, depth });
  return { transform: await target.read(complex), real, complex };
}

describe("three dimensions", () => {
  test.each([
    [8, 8],
    [12, 12],
    [9, 9],
    [7, 4],
    [6, 1],
  ])("the transform of %i² × %i voxels equals the sum that defines it", async (sizePx, depth) => {
    const signal = makeSignal(sizePx * sizePx * depth);
    const { transform } = await forward3(device, signal, sizePx, depth);
    expect(relativeError(transform, naiveDft(signal, sizePx, depth))).toBeLessThan(FFT_TOLERANCE);
  });

  test.each([8, 12, 15, 32])("the inverse brings %i³ voxels back and keeps the transform", async (sizePx) => {
    const signal = makeSignal(sizePx ** 3);
    const { transform, real, complex } = await forward3(device, signal, sizePx);
    device.fill(real, 0);
    device.run("fftInverse3", { real, complex, sizePx });
    expect(relativeError(await device.read(real), signal)).toBeLessThan(FFT_TOLERANCE);
    expect(await device.read(complex)).toEqual(transform);
    const kept = await device.read(real);
    device.run("fftInverse3", { real, complex, sizePx, isComplexScratch: true });
    expect(await device.read(real)).toEqual(kept);
  });

  test("energy in real space equals energy in Fourier space over n³ (Parseval)", async () => {
    const sizePx = 24;
    const signal = makeSignal(sizePx ** 3);
    const { transform } = await forward3(device, signal, sizePx);
    const rowComplex = sizePx / 2 + 1;
    let fourier = 0;
    for (let i = 0; i < transform.length / 2; i++) {
      const kx = i % rowComplex;
      const mates = kx === 0 || kx === sizePx / 2 ? 1 : 2;
      fourier += mates * ((transform[2 * i] ?? 0) ** 2 + (transform[2 * i + 1] ?? 0) ** 2);
    }
    const real = signal.reduce((sum, value) => sum + value * value, 0);
    expect(fourier / sizePx ** 3 / real).toBeCloseTo(1, 5);
  });

  test("one and two threads give the same bytes", async () => {
    const sizePx = 36;
    const signal = makeSignal(sizePx ** 3);
    const results = [];
    for (const threads of [1, 2, 3]) {
      const opened = addon.createDevice({ threads });
      const { transform, real, complex } = await forward3(opened, signal, sizePx);
      opened.run("fftInverse3", { real, complex, sizePx });
      results.push([transform, await opened.read(real)]);
      opened.destroy();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test("what was transformed before does not change the bytes", async () => {
    const signal = makeSignal(20 ** 3);
    const first = await forward3(device, signal, 20);
    await forward3(device, makeSignal(40 ** 3), 40);
    await forward3(device, makeSignal(10 ** 3), 10);
    expect((await forward3(device, signal, 20)).transform).toEqual(first.transform);
  });
});

describe("stacks of images", () => {
  test("each image is transformed by itself, and the inverse brings it back", async () => {
    const sizePx = 12;
    const count = 5;
    const signal = makeSignal(count * sizePx * sizePx);
    const real = device.allocate("f32", signal.length);
    const complex = device.allocate("f32", halfLength(sizePx, count));
    device.write(real, signal);
    device.run("fftForward2", { real, complex, sizePx, count });
    const transform = await device.read(complex);
    for (let image = 0; image < count; image++) {
      const pixels = signal.subarray(image * sizePx ** 2, (image + 1) * sizePx ** 2);
      const size = halfLength(sizePx, 1);
      const mine = transform.subarray(image * size, (image + 1) * size);
      expect(relativeError(mine, naiveDft(pixels, sizePx, 1))).toBeLessThan(FFT_TOLERANCE);
    }
    device.fill(real, 0);
    device.run("fftInverse2", { real, complex, sizePx, count });
    expect(relativeError(await device.read(real), signal)).toBeLessThan(FFT_TOLERANCE);
    expect(await device.read(complex)).toEqual(transform);
  });
});
