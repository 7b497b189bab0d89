import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { HostArray } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import type { InsertArgs } from "../../src/device/ops/insert.ts";
import { fourierBoxFor, fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeNormals } from "../support/normals.ts";
import {
  BACKENDS,
  bytesOf,
  expectBackendsAgree,
  expectThreadsAgree,
  NATIVE_BACKENDS,
  runOp,
  withDevice,
} from "./backends.ts";
import { makePointScene, type PointScene, pointSceneArgs } from "./point-scene.ts";

const FORWARD_SCALE = 2 ** 30;
const WEIGHT_SCALE = 2 ** 28;
// Float32 values of a pixel (a merged image of 2 shifts, whitened) against float64 ones.
const TOLERANCE = 1e-6;
// Float32 volume, projection and images of about 1,000 pixels, summed in float64.
const ADJOINT_TOLERANCE = 1e-5;

const PADDING = 2;

function insertArgs(scene: PointScene, buffers: Parameters<typeof pointSceneArgs>[1], radiusPx: number): InsertArgs {
  return {
    ...pointSceneArgs(scene, buffers),
    imageWeight: buffers["imageWeight"]!,
    pixelCount: scene.band.pixelCount,
    paddingFactor: PADDING,
    accumulatorRadiusPx: radiusPx,
    forwardScale: FORWARD_SCALE,
    weightScale: WEIGHT_SCALE,
    accumulator: buffers["accumulator"]!,
  };
}

function withAccumulator(scene: PointScene, change: Record<string, HostArray> = {}) {
  const box = fourierBoxFor(scene.band.maxShell, PADDING);
  const arrays = { ...scene.arrays, accumulator: new BigInt64Array(3 * box.voxelCount), ...change };
  return { box, arrays };
}

/** The accumulator after one insertion. */
async function inserted(
  backend: (typeof BACKENDS)[number],
  scene: PointScene,
  change: Record<string, HostArray> = {},
  args: Partial<InsertArgs> = {},
): Promise<BigInt64Array> {
  const { box, arrays } = withAccumulator(scene, change);
  const { accumulator } = await runOp(
    backend.open,
    arrays,
    (device, buffers) => device.insert({ ...insertArgs(scene, buffers, box.radiusPx), ...args }),
    ["accumulator"],
  );
  return accumulator as BigInt64Array;
}

/** One image, one rotation, one shift, all factors 1. */
function plainScene(rotation: readonly number[], shiftPx: readonly [number, number] = [0, 0]): PointScene {
  const shape = {
    imageCount: 2,
    activeCount: 1,
    rotationsPerImage: 1,
    shiftsPerRotation: 1,
    hasCtf: false,
    shellCount: 10,
  };
  const scene = makePointScene(shape);
  Object.assign(scene.arrays, {
    rotations: Float32Array.from(rotation),
    shiftsPx: Float32Array.from(shiftPx),
    weights: Float32Array.of(1),
    scale: Float32Array.of(1, 1),
    imageWeight: Float32Array.of(1, 1),
    inverseSigma2: new Float32Array(20).fill(1),
  });
  return scene;
}

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
    const scale = FORWARD_SCALE;
    back.forEach((value, i) => {
      expect(Math.abs(Number(value - centred[i]!)) / scale).toBeLessThan(1e-5);
    });
  });

  test("trilinear weights sum to 1: ΣT is the sum of the pixels' weights", async () => {
    const scene = makePointScene();
    const accumulator = await inserted(backend, scene);
    let sum = 0;
    for (let i = 2; i < accumulator.length; i += 3) sum += Number(accumulator[i]) / WEIGHT_SCALE;
    expect(sum / expectedWeight(scene)).toBeCloseTo(1, 6);
  });

  test("inserting is the adjoint of projecting: Re⟨project(V), Y⟩ over the pixels = Re⟨V, insert(Y)⟩ over the stored voxels", async () => {
    const scene = plainScene([0.5, -0.1, 0.7, 0.5]);
    const { box, arrays } = withAccumulator(scene);
    const volume = makeNormals(2 * box.voxelCount, 41);
    const projections = new Float32Array(2 * scene.band.pixelCount);
    const results = await runOp(
      backend.open,
      { ...arrays, volume, projections },
      (device, buffers) => {
        device.insert(insertArgs(scene, buffers, box.radiusPx));
        device.project({
          ...pointSceneArgs(scene, buffers),
          volume: buffers["volume"]!,
          volumeRadiusPx: box.radiusPx,
          paddingFactor: PADDING,
          maxShell: scene.band.maxShell,
          rotationCount: 1,
          firstPixel: 0,
          pixelCount: scene.band.pixelCount,
          layout: "planes",
          out: buffers["projections"]!,
        });
      },
      ["accumulator", "projections"],
    );
    const images = (scene.arrays["images"] as Float32Array).subarray(2 * scene.band.pixelCount);
    const inImages = inner(results.projections as Float32Array, images);
    const forward = Float64Array.from({ length: 2 * box.voxelCount }, (_, i) => {
      return Number(results.accumulator[3 * (i >> 1) + (i & 1)]) / FORWARD_SCALE;
    });
    const norm = Math.sqrt(inner(images, images) * inner(volume, volume));
    expect(Math.abs(inner(volume, forward) - inImages) / norm).toBeLessThan(ADJOINT_TOLERANCE);
    expect(Math.abs(inImages) / norm).toBeGreaterThan(100 * ADJOINT_TOLERANCE);
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

  test("images in two calls, in another order, give the same bytes as in one", async () => {
    const scene = makePointScene({ activeCount: 4 });
    const whole = await inserted(backend, scene);
    const { box, arrays } = withAccumulator(scene);
    const perRow = { rotations: 4 * 3, shiftsPx: 2 * 3 * 2, weights: 3 * 2, active: 1 };
    const rows = Object.fromEntries(
      Object.entries(perRow).map(([name, length]) => [name, { length, array: scene.arrays[name]! }]),
    );
    const { accumulator } = await runOp(
      backend.open,
      arrays,
      (device, buffers) => {
        for (const [first, end] of [
          [3, 4],
          [0, 3],
        ] as const) {
          const cut = Object.fromEntries(
            Object.entries(rows).map(([name, { length, array }]) => [
              name,
              device.upload(array.slice(first * length, end * length) as HostArray),
            ]),
          );
          device.insert({ ...insertArgs(scene, { ...buffers, ...cut }, box.radiusPx), activeCount: end - first });
        }
      },
      ["accumulator"],
    );
    expect(bytesOf(accumulator).equals(bytesOf(whole))).toBe(true);
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

test("native insert gives the same bytes for any number of threads, over several batches of slices", async () => {
  // 1,500 pixels per slice: 16 MiB hold about 670 of the 800 slices.
  const shape = {
    boxPx: 64,
    maxShell: 31,
    shellCount: 32,
    activeCount: 4,
    rotationsPerImage: 200,
    shiftsPerRotation: 1,
  };
  const scene = makePointScene(shape);
  const hashes: string[] = [];
  for (const threads of [1, 2, 3]) {
    const backend = { name: "", kind: "cpu", open: () => openDevice({ kind: "cpu", threads }) } as const;
    const accumulator = await inserted(backend, scene);
    hashes.push(createHash("sha256").update(bytesOf(accumulator)).digest("hex"));
  }
  expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
});

test("native insert gives the same bytes for any number of threads on every instruction set", async () => {
  const scene = makePointScene();
  const { box, arrays } = withAccumulator(scene);
  await expectThreadsAgree(arrays, (device, buffers) => device.insert(insertArgs(scene, buffers, box.radiusPx)), [
    "accumulator",
  ]);
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

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Σ u w (scale C)² / σ² over images, points and pixels. */
function expectedWeight(scene: PointScene): number {
  const { band } = scene;
  const at = (name: string, index: number): number => Number(scene.arrays[name]![index]);
  let sum = 0;
  for (let row = 0; row < scene.activeCount; row++) {
    const image = at("active", row);
    const points = scene.rotationsPerImage * scene.shiftsPerRotation;
    let weight = 0;
    for (let i = 0; i < points; i++) weight += at("weights", row * points + i);
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      if (band.shell[pixel]! >= scene.shellCount) continue;
      const c = at("scale", image) * at("ctf", image * band.pixelCount + pixel);
      const inverse = at("inverseSigma2", at("group", image) * scene.shellCount + band.shell[pixel]!);
      sum += at("imageWeight", image) * weight * c * c * inverse;
    }
  }
  return sum;
}
