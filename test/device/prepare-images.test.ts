import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { HostArray } from "../../src/device/buffer.ts";
import { makeBand } from "../../src/geometry/band.ts";
import {
  BACKENDS,
  expectBackendsAgree,
  expectThreadsAgree,
  makeSignal,
  relativeError,
  runOp,
  withDevice,
} from "./backends.ts";

// float32 transform of numbers of order 1, against double precision.
const PREPARE_TOLERANCE = 2e-6;

interface Batch {
  readonly boxPx: number;
  readonly imageCount: number;
  readonly maskRadiusPx: number;
  readonly maskEdgePx: number;
  readonly shellCount: number;
  readonly arrays: Record<string, HostArray>;
}

function makeBatch(boxPx: number, imageCount: number, mask: { radius: number; edge: number } | null, seed = 1): Batch {
  const band = makeBand(boxPx, boxPx / 2 - 1);
  const shellCount = boxPx / 2 + 1;
  return {
    boxPx,
    imageCount,
    shellCount,
    maskRadiusPx: mask?.radius ?? 0,
    maskEdgePx: mask?.edge ?? 0,
    arrays: {
      bandKx: band.kx,
      bandKy: band.ky,
      bandShell: band.shell,
      pixels: makeSignal(imageCount * boxPx * boxPx, seed),
      gain: Float32Array.from({ length: imageCount }, () => 1),
      recentrePx: new Int32Array(2 * imageCount),
      sigma2: Float32Array.from({ length: 2 * shellCount }, (_, i) => 100 / (1 + (i % shellCount))),
      group: Int32Array.from({ length: imageCount }, (_, i) => i % 2),
      noiseKey: Uint32Array.from({ length: 2 * imageCount }, (_, i) => 77 + i),
      out: new Float32Array(2 * imageCount * band.pixelCount),
    },
  };
}

function call(batch: Batch): Parameters<typeof runOp>[2] {
  const { arrays, ...numbers } = batch;
  return (device, b) =>
    device.prepareImages({ ...numbers, bandPixelCount: arrays["bandKx"]!.length, ...(b as never as object) } as never);
}

async function prepare(open: Parameters<typeof runOp>[0], batch: Batch): Promise<Float32Array> {
  return (await runOp(open, batch.arrays, call(batch), ["out"])).out as Float32Array;
}

/** Σ x exp(−2πi k·(x − centre)/N) on the band: real plane, then imaginary plane. */
function centredDft(pixels: ArrayLike<number>, boxPx: number, kx: HostArray, ky: HostArray): Float64Array {
  const out = new Float64Array(2 * kx.length);
  for (let k = 0; k < kx.length; k++) {
    for (let i = 0; i < boxPx * boxPx; i++) {
      const dot = Number(kx[k]) * ((i % boxPx) - boxPx / 2) + Number(ky[k]) * (Math.floor(i / boxPx) - boxPx / 2);
      out[k]! += pixels[i]! * Math.cos((2 * Math.PI * dot) / boxPx);
      out[kx.length + k]! -= pixels[i]! * Math.sin((2 * Math.PI * dot) / boxPx);
    }
  }
  return out;
}

/** Gaussian-like white noise of unit variance: sums of uniforms. */
function whiteNoise(length: number, seed: number): Float32Array {
  const uniform = makeSignal(12 * length, seed);
  return Float32Array.from({ length }, (_, i) => uniform.subarray(12 * i, 12 * i + 12).reduce((a, b) => a + b, 0) / 2);
}

describe("wrong calls", () => {
  test("wrong shapes are refused at the door", async () => {
    await withDevice(BACKENDS[0]!.open, async (device) => {
      const batch = makeBatch(8, 3, { radius: 2, edge: 1 });
      const buffers = Object.fromEntries(
        Object.entries(batch.arrays).map(([name, data]) => [name, device.upload(data)]),
      );
      const attempt = (change: object) => () =>
        call({ ...batch, ...change })(device, { ...buffers, ...change } as never);
      attempt({})();
      for (const name of ["pixels", "gain", "recentrePx", "sigma2", "group", "noiseKey", "out"]) {
        const short = device.allocate(buffers[name]!.elementType, name === "sigma2" ? 3 : buffers[name]!.length - 1);
        expect(attempt({ [name]: short }), name).toThrow(ShapeError);
        expect(attempt({ [name]: device.allocate("u8", 1000) }), name).toThrow(ShapeError);
      }
      expect(attempt({ boxPx: 7 })).toThrow(UsageError);
      expect(attempt({ shellCount: 0 })).toThrow(UsageError);
    });
  });
});

describe.each(BACKENDS)("$name", ({ open }) => {
  test("without a mask the band holds the Fourier transform about the box centre", async () => {
    const batch = makeBatch(12, 2, null);
    const out = await prepare(open, batch);
    const { bandKx, bandKy, pixels } = batch.arrays;
    const length = 2 * bandKx!.length;
    for (let image = 0; image < 2; image++) {
      const wanted = centredDft(
        (pixels as Float32Array).subarray(image * 144, (image + 1) * 144),
        12,
        bandKx!,
        bandKy!,
      );
      expect(relativeError(out.slice(image * length, (image + 1) * length), wanted)).toBeLessThan(PREPARE_TOLERANCE);
    }
  });

  test("a point at the centre has the same real value at every frequency", async () => {
    const batch = makeBatch(16, 1, null);
    batch.arrays["pixels"]!.fill(0 as never);
    batch.arrays["pixels"]![8 * 16 + 8] = 3;
    const out = await prepare(open, batch);
    const pixelCount = out.length / 2;
    expect(relativeError(out.slice(0, pixelCount), new Float32Array(pixelCount).fill(3))).toBeLessThan(1e-6);
    expect(Math.max(...out.slice(pixelCount).map(Math.abs))).toBeLessThan(1e-6);
  });

  test("recentring brings the named pixel to the centre, and gain multiplies", async () => {
    const batch = makeBatch(16, 1, null);
    batch.arrays["pixels"]!.fill(0 as never);
    batch.arrays["pixels"]![(8 - 5) * 16 + (8 + 11) - 16] = 2; // displaced by (11 − 16, −5)
    batch.arrays["recentrePx"] = Int32Array.of(11, -5);
    batch.arrays["gain"] = Float32Array.of(1.5);
    const out = await prepare(open, batch);
    const pixelCount = out.length / 2;
    expect(relativeError(out.slice(0, pixelCount), new Float32Array(pixelCount).fill(3))).toBeLessThan(1e-6);
  });

  test("inside the mask nothing changes; outside nothing of the image is left", async () => {
    const batch = makeBatch(16, 1, { radius: 4, edge: 2 });
    batch.arrays["sigma2"]!.fill(0 as never);
    const inside = (i: number) => Math.hypot((i % 16) - 8, Math.floor(i / 16) - 8) <= 4;
    const outside = (i: number) => Math.hypot((i % 16) - 8, Math.floor(i / 16) - 8) >= 6;
    const pixels = batch.arrays["pixels"] as Float32Array;
    const kept = { ...batch, arrays: { ...batch.arrays, pixels: pixels.map((v, i) => (inside(i) ? v : 0)) } };
    expect(relativeError(await prepare(open, kept), await prepare(open, { ...kept, maskRadiusPx: 0 }))).toBeLessThan(
      1e-6,
    );
    const gone = { ...batch, arrays: { ...batch.arrays, pixels: pixels.map((v, i) => (outside(i) ? v : 0)) } };
    expect(Math.max(...(await prepare(open, gone)).map(Math.abs))).toBe(0);
  });

  test("masking with noise fill keeps the noise variance of every shell", async () => {
    // White noise of unit variance in, σ² = N²/2 as the fill's spectrum: the band must stay at σ² per component.
    const boxPx = 24;
    const imageCount = 200;
    const batch = makeBatch(boxPx, imageCount, { radius: 7, edge: 3 });
    batch.arrays["pixels"] = whiteNoise(imageCount * boxPx * boxPx, 5);
    batch.arrays["sigma2"]!.fill(((boxPx * boxPx) / 2) as never);
    const out = await prepare(open, batch);
    const shell = batch.arrays["bandShell"] as Int32Array;
    const power = new Float64Array(boxPx / 2);
    const count = new Float64Array(boxPx / 2);
    out.forEach((value, i) => {
      power[shell[i % shell.length]!]! += value ** 2;
      count[shell[i % shell.length]!]! += 1;
    });
    let total = 0;
    for (let s = 1; s < boxPx / 2; s++) {
      const ratio = power[s]! / count[s]! / ((boxPx * boxPx) / 2);
      total += power[s]!;
      // Five standard deviations of a mean of `count` squares, neighbours correlated by the mask.
      expect(Math.abs(ratio - 1), `shell ${s}`).toBeLessThan(0.02 + 5 * Math.sqrt(2 / count[s]!));
    }
    expect(total / count.slice(1).reduce((a, b) => a + b) / ((boxPx * boxPx) / 2)).toBeCloseTo(1, 1.7);
  });

  test("the fill alone has the spectrum of the image's group, without a mean", async () => {
    const boxPx = 24;
    const imageCount = 100;
    const batch = makeBatch(boxPx, imageCount, { radius: 1e-3, edge: 1e-3 });
    batch.arrays["pixels"]!.fill(0 as never);
    const { sigma2 } = batch.arrays;
    for (let s = 0; s < batch.shellCount; s++) {
      sigma2![s] = 200 / (1 + s);
      sigma2![batch.shellCount + s] = 50;
    }
    const out = await prepare(open, batch);
    const shell = batch.arrays["bandShell"] as Int32Array;
    const length = 2 * shell.length;
    const power = new Float64Array(batch.shellCount * 2);
    const count = new Float64Array(batch.shellCount * 2);
    out.forEach((value, i) => {
      const row = (Math.floor(i / length) % 2) * batch.shellCount + shell[(i % length) % shell.length]!;
      power[row]! += value ** 2;
      count[row]! += 1;
    });
    for (let s = 1; s < boxPx / 2; s++) {
      for (const row of [s, batch.shellCount + s]) {
        const ratio = power[row]! / count[row]! / Number(sigma2![row]);
        expect(Math.abs(ratio - 1), `row ${row}`).toBeLessThan(0.02 + 5 * Math.sqrt(2 / count[row]!));
      }
    }
  });

  test("images of a batch do not depend on each other", async () => {
    const batch = makeBatch(16, 3, { radius: 5, edge: 2 });
    const all = await prepare(open, batch);
    const size = 16 * 16;
    const single: Batch = {
      ...batch,
      imageCount: 1,
      arrays: {
        ...batch.arrays,
        pixels: (batch.arrays["pixels"] as Float32Array).slice(2 * size),
        noiseKey: (batch.arrays["noiseKey"] as Uint32Array).slice(4),
        group: Int32Array.of(0),
        out: new Float32Array(all.length / 3),
      },
    };
    expect(await prepare(open, single)).toEqual(all.slice((2 * all.length) / 3));
  });
});

test("the native kernels agree with the reference, whatever the number of threads", async () => {
  for (const boxPx of [20, 22]) {
    const batch = makeBatch(boxPx, 5, { radius: 6.3, edge: 2.5 }, boxPx);
    batch.arrays["recentrePx"] = Int32Array.from({ length: 10 }, (_, i) => ((i * 37) % 50) - 25);
    batch.arrays["gain"] = Float32Array.from({ length: 5 }, (_, i) => 0.5 + i);
    await expectBackendsAgree(batch.arrays, call(batch), ["out"], PREPARE_TOLERANCE);
    await expectThreadsAgree(batch.arrays, call(batch), ["out"]);
  }
});
