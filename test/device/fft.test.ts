import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { BACKENDS, expectBackendsAgree, makeSignal, relativeError, runOp, withDevice } from "./backends.ts";

// float32 transforms of numbers of order 1.
const FFT_TOLERANCE = 1e-6;

const half = (n: number) => Math.floor(n / 2) + 1;

const arrays = (n: number) => ({ real: makeSignal(n ** 3, n), complex: new Float32Array(2 * n * n * half(n)) });
type Call = Parameters<typeof runOp>[2];
const forward =
  (sizePx: number): Call =>
  (device, b) =>
    device.fftForward3({ sizePx, real: b["real"]!, complex: b["complex"]! });
const inverse =
  (sizePx: number): Call =>
  (device, b) =>
    device.fftInverse3({ sizePx, real: b["real"]!, complex: b["complex"]! });

function naiveDft3(real: Float32Array, n: number): Float64Array {
  const out = new Float64Array(2 * n * n * half(n));
  let place = 0;
  for (let kz = 0; kz < n; kz++) {
    for (let ky = 0; ky < n; ky++) {
      for (let kx = 0; kx < half(n); kx++, place += 2) {
        for (let i = 0; i < n ** 3; i++) {
          const dot = kx * (i % n) + ky * (Math.floor(i / n) % n) + kz * Math.floor(i / (n * n));
          const phase = (-2 * Math.PI * (dot % n)) / n;
          out[place]! += real[i]! * Math.cos(phase);
          out[place + 1]! += real[i]! * Math.sin(phase);
        }
      }
    }
  }
  return out;
}

describe("fft3", () => {
  test("wrong shapes are refused at the door", async () => {
    await withDevice(BACKENDS[0]!.open, async (device) => {
      const real = device.allocate("f32", 64);
      const complex = device.allocate("f32", 96);
      device.fftForward3({ sizePx: 4, real, complex });
      expect(() => device.fftForward3({ sizePx: 4, real: complex, complex: real })).toThrow(ShapeError);
      expect(() => device.fftInverse3({ sizePx: 4, real, complex: device.allocate("f64", 96) })).toThrow(ShapeError);
      expect(() => device.fftForward3({ sizePx: 0, real, complex })).toThrow(UsageError);
    });
  });

  test.each(BACKENDS)("$name: the transform equals the sum that defines it", async ({ open }) => {
    for (const n of [1, 2, 5, 6, 8]) {
      const { complex } = await runOp(open, arrays(n), forward(n), ["complex"]);
      expect(relativeError(complex, naiveDft3(arrays(n).real, n) as never)).toBeLessThan(FFT_TOLERANCE);
    }
  });

  test.each(BACKENDS)("$name: the inverse brings the volume back", async ({ open }) => {
    for (const n of [7, 12]) {
      const data = arrays(n);
      const { complex } = await runOp(open, data, forward(n), ["complex"]);
      const back = { real: new Float32Array(n ** 3), complex: complex as Float32Array };
      const { real } = await runOp(open, back, inverse(n), ["real"]);
      expect(relativeError(real, data.real)).toBeLessThan(FFT_TOLERANCE);
    }
  });

  test.each(BACKENDS)("$name: the inverse is the adjoint of the forward transform over n³", async ({ open }) => {
    const n = 6;
    const x = arrays(n).real;
    const y = makeSignal(2 * n * n * half(n), 5);
    const { complex: fx } = await runOp(open, arrays(n), forward(n), ["complex"]);
    const { real: gy } = await runOp(open, { real: new Float32Array(n ** 3), complex: y }, inverse(n), ["real"]);
    // The stored half stands for both mates: kx = 0 and Nyquist are counted once, the others twice.
    let left = 0;
    for (let i = 0; i < y.length; i++) {
      const kx = Math.floor(i / 2) % half(n);
      left += (kx === 0 || kx === n / 2 ? 1 : 2) * Number(fx[i]) * y[i]!;
    }
    const right = x.reduce((sum, value, i) => sum + value * Number(gy[i]), 0) * n ** 3;
    expect(Math.abs(left - right) / Math.abs(right)).toBeLessThan(1e-4);
  });

  test("the native kernels agree with the reference", async () => {
    for (const n of [9, 16]) {
      await expectBackendsAgree(arrays(n), forward(n), ["complex"], FFT_TOLERANCE);
      const spectrum = { real: new Float32Array(n ** 3), complex: makeSignal(2 * n * n * half(n), 3) };
      await expectBackendsAgree(spectrum, inverse(n), ["real"], FFT_TOLERANCE);
    }
  });
});
