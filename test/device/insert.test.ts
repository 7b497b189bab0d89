import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { fourierBoxFor, fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, bytesOf, expectBackendsAgree, NATIVE_BACKENDS, withDevice } from "./backends.ts";
import {
  FORWARD_SCALE,
  insertArgs,
  inserted,
  PADDING,
  plainScene,
  WEIGHT_SCALE,
  withAccumulator,
} from "./insert-scene.ts";
import { makePointScene } from "./point-scene.ts";

// Float32 values of a pixel (a merged image of 2 shifts, whitened) against float64 ones.
const TOLERANCE = 1e-6;

const half = Math.SQRT1_2;

describe.each(BACKENDS)("insert on $name", (backend) => {
  test("refuses buffers of the wrong type or too few elements", async () => {
    const scene = makePointScene();
    const { box, arrays } = withAccumulator(scene);
    await withDevice(backend.open, async (device) => {
      const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
      const args = insertArgs(scene, buffers, box.radiusPx);
      const short = device.upload(new Float32Array(1));
      expect(() => device.insert({ ...args, weights: short })).toThrow(ShapeError);
      expect(() => device.insert({ ...args, imageWeight: short })).toThrow(/insert: imageWeight/);
      expect(() => device.insert({ ...args, accumulator: args.images })).toThrow(/insert: accumulator: .*i64/);
      expect(() => device.insert({ ...args, accumulatorRadiusPx: box.radiusPx + 1 })).toThrow(ShapeError);
      expect(() => device.insert({ ...args, pixelCount: scene.band.pixelCount + 1 })).toThrow(UsageError);
      expect(() => device.insert({ ...args, forwardScale: 0 })).toThrow(UsageError);
    });
  });

  test("a pixel that falls on a voxel adds C X / σ² and C² / σ² there, in fixed point", async () => {
    const scene = plainScene([1, 0, 0, 0]);
    const pixelCount = scene.band.pixelCount;
    const ctf = makeNormals(2 * pixelCount, 31);
    const accumulator = await inserted(
      backend,
      { ...scene, hasCtf: true },
      {
        ctf,
        scale: Float32Array.of(1, 0.5),
        imageWeight: Float32Array.of(1, 0.25),
        inverseSigma2: new Float32Array(20).fill(3),
      },
    );
    const box = fourierBoxFor(scene.band.maxShell, PADDING);
    const images = scene.arrays["images"] as Float32Array;
    for (let pixel = 0; pixel < pixelCount; pixel++) {
      const voxel = 3 * fourierBoxIndex(box, 2 * scene.band.kx[pixel]!, 2 * scene.band.ky[pixel]!, 0);
      const c = 0.5 * ctf[pixelCount + pixel]!;
      const [re, im] = [images[2 * pixelCount + pixel]!, images[3 * pixelCount + pixel]!];
      expect(Number(accumulator[voxel]) / FORWARD_SCALE).toBeCloseTo(0.25 * c * re * 3, 5);
      expect(Number(accumulator[voxel + 1]) / FORWARD_SCALE).toBeCloseTo(0.25 * c * im * 3, 5);
      expect(Number(accumulator[voxel + 2]) / WEIGHT_SCALE).toBeCloseTo(0.25 * c * c * 3, 5);
    }
  });

  test("a half turn about y sends the pixel (kx, ky) to conj at (kx, −ky)", async () => {
    const scene = plainScene([0, 0, 1, 0]);
    const accumulator = await inserted(backend, scene);
    const box = fourierBoxFor(scene.band.maxShell, PADDING);
    const images = (scene.arrays["images"] as Float32Array).subarray(2 * scene.band.pixelCount);
    for (let pixel = 0; pixel < scene.band.pixelCount; pixel++) {
      const kx = scene.band.kx[pixel]!;
      if (kx === 0) continue;
      const voxel = 3 * fourierBoxIndex(box, 2 * kx, -2 * scene.band.ky[pixel]!, 0);
      expect(Number(accumulator[voxel]) / FORWARD_SCALE).toBeCloseTo(images[pixel]!, 5);
      expect(Number(accumulator[voxel + 1]) / FORWARD_SCALE).toBeCloseTo(-images[scene.band.pixelCount + pixel]!, 5);
    }
  });

  test("a particle displaced by t is moved back by exp(+2πi k·t/N)", async () => {
    const scene = plainScene([half, 0, half, 0], [1.5, -2.25]);
    const { band } = scene;
    const images = (scene.arrays["images"] as Float32Array).slice();
    const moved = images.slice();
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const phaseRad = (-2 * Math.PI * (1.5 * band.kx[pixel]! - 2.25 * band.ky[pixel]!)) / scene.boxPx;
      const [at, atIm] = [2 * band.pixelCount + pixel, 3 * band.pixelCount + pixel];
      moved[at] = images[at]! * Math.cos(phaseRad) - images[atIm]! * Math.sin(phaseRad);
      moved[atIm] = images[at]! * Math.sin(phaseRad) + images[atIm]! * Math.cos(phaseRad);
    }
    const centred = await inserted(backend, scene, { shiftsPx: Float32Array.of(0, 0) });
    const back = await inserted(backend, scene, { images: moved });
    const largest = back.reduce((most, value, i) => Math.max(most, Math.abs(Number(value - centred[i]!))), 0);
    expect(largest / FORWARD_SCALE).toBeLessThan(1e-5);
  });

  test("images of weight 0, points of weight 0 and shells without σ² add nothing", async () => {
    const scene = makePointScene();
    const { length } = scene.arrays["weights"]!;
    const nothing = await inserted(backend, scene, { weights: new Float32Array(length) });
    expect(nothing.every((value) => value === 0n)).toBe(true);
    const rejected = await inserted(backend, scene, { imageWeight: new Float32Array(scene.imageCount) });
    expect(rejected.every((value) => value === 0n)).toBe(true);
    const images = (scene.arrays["images"] as Float32Array).slice();
    scene.band.shell.forEach((shell, pixel) => {
      if (shell < scene.shellCount) return;
      for (let plane = 0; plane < 2 * scene.imageCount; plane++)
        images[plane * scene.band.pixelCount + pixel] = Number.NaN;
    });
    expect(bytesOf(await inserted(backend, scene, { images })).equals(bytesOf(await inserted(backend, scene)))).toBe(
      true,
    );
  });

  test("a smaller accumulator takes the pixels that its ball holds", async () => {
    const scene = makePointScene();
    const radiusPx = 11;
    const accumulator = new BigInt64Array(3 * fourierBoxOfRadius(radiusPx).voxelCount);
    const result = await inserted(backend, scene, { accumulator }, { accumulatorRadiusPx: radiusPx });
    expect(result.some((value) => value !== 0n)).toBe(true);
  });

  test("a value that is not finite, or too large for the fixed point, fails the op", async () => {
    const scene = makePointScene();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      const images = (scene.arrays["images"] as Float32Array).slice();
      images[2 * 2 * scene.band.pixelCount + 5] = bad;
      await expect(inserted(backend, scene, { images })).rejects.toThrow(/insert.*finite.*2\^51/s);
    }
  });
});

test("native insert agrees with the reference for odd counts, with and without CTF", async () => {
  for (const change of [
    {},
    { hasCtf: false, boxPx: 26, maxShell: 12, shellCount: 13 },
    { rotationsPerImage: 1, shiftsPerRotation: 7 },
  ]) {
    const scene = makePointScene(change);
    const { box, arrays } = withAccumulator(scene);
    await expectBackendsAgree(
      arrays,
      (device, buffers) => device.insert(insertArgs(scene, buffers, box.radiusPx)),
      ["accumulator"],
      TOLERANCE,
    );
  }
});

test("native insert names the index that is out of range", async () => {
  const scene = makePointScene();
  for (const backend of NATIVE_BACKENDS) {
    await expect(inserted(backend, scene, { active: Int32Array.of(1, 7, 2) })).rejects.toThrow(
      /active\[1\].*0 to 4.*7/,
    );
    await expect(inserted(backend, scene, { group: Int32Array.of(0, 1, 2, 0, 0) })).rejects.toThrow(/group\[2\]/);
  }
});
