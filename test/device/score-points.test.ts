import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import type { HostArray } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import type { ScorePointsArgs } from "../../src/device/ops/score-points.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxIndex, fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, NATIVE_BACKENDS, runOp } from "./backends.ts";

// float32 coordinates (4e-6 voxels) and sums of a few hundred float32 terms, against float64; rms over the points.
const KERNEL_TOLERANCE = 1e-5;
// |X − S|²/|X|² of trilinear interpolation on a grid padded 2-fold, of a Gaussian over 10 px wide in Fourier space.
const ANALYTIC_TOLERANCE = 1e-4;

interface Scene {
  readonly boxPx: number;
  readonly bandShell: number;
  readonly maxShell: number;
  readonly padding: number;
  readonly imageCount: number;
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  readonly firstPixel: number;
  readonly hasCtf: boolean;
}

const plain: Scene = {
  boxPx: 32,
  bandShell: 14,
  maxShell: 14,
  padding: 2,
  imageCount: 3,
  rotationsPerImage: 19,
  shiftsPerRotation: 7,
  firstPixel: 1,
  hasCtf: true,
};

const radiusOf = (scene: Scene): number => Math.ceil(scene.padding * scene.maxShell) + 1;

/** Hermitian on the plane x = 0, where the sign of x cannot tell a point from its mate. */
function makeVolume(scene: Scene, value: (x: number, y: number, z: number) => readonly [number, number]): Float32Array {
  const box = fourierBoxOfRadius(radiusOf(scene));
  const edge = box.radiusPx + 1;
  const volume = new Float32Array(2 * box.voxelCount);
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) {
        const isMate = x === 0 && (y < 0 || (y === 0 && z < 0));
        const [re, im] = isMate ? value(0, -y, -z) : value(x, y, z);
        const isReal = x === 0 && y === 0 && z === 0;
        volume.set([re, isReal ? 0 : isMate ? -im : im], 2 * fourierBoxIndex(box, x, y, z));
      }
    }
  }
  return volume;
}

function randomVolume(scene: Scene): Float32Array {
  const values = makeNormals(4096, 5);
  const at = (x: number, y: number, z: number) => values[(x * 31 + (y + 64) * 157 + (z + 64) * 1013) & 4095]!;
  return makeVolume(scene, (x, y, z) => [at(x, y, z), at(x + 7, y + 3, z)]);
}

function unitQuaternions(count: number, seed: number): Float32Array {
  const out = makeNormals(4 * count, seed);
  for (let i = 0; i < count; i++) {
    const length = Math.hypot(...out.subarray(4 * i, 4 * i + 4));
    for (let j = 0; j < 4; j++) out[4 * i + j]! /= length;
  }
  return out;
}

function makeArrays(scene: Scene, volume = randomVolume(scene)) {
  const band = makeBand(scene.boxPx, scene.bandShell);
  const points = scene.imageCount * scene.rotationsPerImage;
  return {
    bandKx: band.kx,
    bandKy: band.ky,
    bandShell: band.shell,
    images: makeNormals(2 * scene.imageCount * band.pixelCount, 1),
    ctf: makeNormals(scene.imageCount * band.pixelCount, 2),
    inverseSigma2: makeNormals(2 * (scene.maxShell + 1), 3).map((v) => 0.5 + v * v),
    group: Int32Array.from({ length: scene.imageCount }, (_, i) => i % 2),
    scale: Float32Array.from({ length: scene.imageCount }, (_, i) => 0.8 + 0.1 * i),
    volume,
    active: Int32Array.from({ length: scene.imageCount }, (_, i) => scene.imageCount - 1 - i),
    rotations: unitQuaternions(points, 6),
    shiftsPx: makeNormals(2 * points * scene.shiftsPerRotation, 7).map((v) => 3 * v),
    out: new Float32Array(points * scene.shiftsPerRotation),
  };
}

function makeCall(scene: Scene, change: Partial<ScorePointsArgs> = {}) {
  const band = makeBand(scene.boxPx, scene.bandShell);
  return (device: ReturnType<typeof openDevice>, buffers: Readonly<Record<string, ScorePointsArgs["out"]>>): void => {
    const args = {
      boxPx: scene.boxPx,
      bandPixelCount: band.pixelCount,
      imageCount: scene.imageCount,
      shellCount: scene.maxShell + 1,
      volumeRadiusPx: radiusOf(scene),
      paddingFactor: scene.padding,
      maxShell: scene.maxShell,
      activeCount: scene.imageCount,
      rotationsPerImage: scene.rotationsPerImage,
      shiftsPerRotation: scene.shiftsPerRotation,
      firstPixel: scene.firstPixel,
      pixelCount: band.pixelCount,
      ...buffers,
      ctf: scene.hasCtf ? buffers["ctf"]! : null,
    };
    device.scorePoints({ ...args, ...change } as unknown as ScorePointsArgs);
  };
}

const score = async (
  open: () => ReturnType<typeof openDevice>,
  scene: Scene,
  arrays: Readonly<Record<string, HostArray>>,
): Promise<Float32Array> => (await runOp(open, arrays, makeCall(scene), ["out"])).out as Float32Array;

describe("wrong calls are refused before anything runs", () => {
  test.each([
    ["out", { out: new Float32Array(3) }, ShapeError],
    ["rotations", { rotations: new Float32Array(8) }, ShapeError],
    ["volume", { volume: new Float32Array(8) }, ShapeError],
    ["images", { images: new Float32Array(8) }, ShapeError],
    ["active", { active: new Float32Array(9) }, ShapeError],
  ] as const)("%s of another shape or type", async (name, change, type) => {
    const arrays = { ...makeArrays(plain), ...change };
    const attempt = runOp(() => openDevice({ kind: "reference" }), arrays, makeCall(plain), ["out"]);
    await expect(attempt).rejects.toThrow(type);
    await expect(attempt).rejects.toThrow(`scorePoints: ${name}`);
  });

  test.each([
    [{ firstPixel: 20, pixelCount: 10 }, ShapeError],
    [{ pixelCount: 100_000 }, ShapeError],
    [{ shiftsPerRotation: 0 }, UsageError],
    [{ boxPx: 33 }, UsageError],
  ])("%o", async (change, type) => {
    const attempt = runOp(() => openDevice({ kind: "reference" }), makeArrays(plain), makeCall(plain, change), ["out"]);
    await expect(attempt).rejects.toThrow(type);
  });

  test.each(NATIVE_BACKENDS)("an image that is not in the set, on $name", async (backend) => {
    const arrays = { ...makeArrays(plain), active: Int32Array.of(0, 1, 3) };
    await expect(score(backend.open, plain, arrays)).rejects.toThrow(/active image/);
  });
});

describe.each(BACKENDS)("scorePoints on $name", (backend) => {
  /** A centred Gaussian's slice is the same Gaussian at every orientation. */
  const scene: Scene = { ...plain, shiftsPerRotation: 3, hasCtf: false, firstPixel: 0 };
  const width = 2 / 14 ** 2;
  const gaussian = (k2: number) => Math.exp(-width * k2);
  const volume = makeVolume(scene, (x, y, z) => [gaussian((x * x + y * y + z * z) / scene.padding ** 2), 0]);
  const band = makeBand(scene.boxPx, scene.bandShell);

  test("gives half the power over sigma2 at the true shift of a noise-free image, less away from it", async () => {
    const arrays = { ...makeArrays(scene, volume), scale: new Float32Array(3).fill(1) };
    const trueShiftPx = [1.25, -2.5] as const;
    const expected = [0, 0];
    for (let image = 0; image < 3; image++) {
      for (let pixel = 0; pixel < band.pixelCount; pixel++) {
        const [kx, ky] = [band.kx[pixel]!, band.ky[pixel]!];
        const phase = (-2 * Math.PI * (kx * trueShiftPx[0] + ky * trueShiftPx[1])) / scene.boxPx;
        const value = gaussian(kx * kx + ky * ky);
        const plane = 2 * image * band.pixelCount;
        arrays.images[plane + pixel] = value * Math.cos(phase);
        arrays.images[plane + band.pixelCount + pixel] = value * Math.sin(phase);
        if (image < 2) {
          const row = arrays.group[image]! * (scene.maxShell + 1);
          expected[image]! += 0.5 * value * value * arrays.inverseSigma2[row + band.shell[pixel]!]!;
        }
      }
    }
    for (let point = 0; point < arrays.shiftsPx.length / 2; point++) {
      arrays.shiftsPx.set([trueShiftPx[0] + (point % 3), trueShiftPx[1]], 2 * point);
    }
    const out = await score(backend.open, scene, arrays);
    const perImage = scene.rotationsPerImage * 3;
    for (const image of [0, 1]) {
      const rows = out.subarray((2 - image) * perImage, (3 - image) * perImage);
      for (let m = 0; m < scene.rotationsPerImage; m++) {
        expect(Math.abs(rows[3 * m]! / expected[image]! - 1)).toBeLessThan(ANALYTIC_TOLERANCE);
        expect(rows[3 * m + 1]!).toBeLessThan(rows[3 * m]!);
        expect(rows[3 * m + 2]!).toBeLessThan(rows[3 * m + 1]!);
      }
    }
  });

  test("does not change when image and shift move by whole pixels, or with the images' scale beside sigma", async () => {
    const arrays = makeArrays(plain);
    const moved = { ...makeArrays(plain) };
    moved.shiftsPx = arrays.shiftsPx.map((v, i) => v + (i % 2 === 0 ? 3 : -2));
    moved.inverseSigma2 = arrays.inverseSigma2.map((v) => v / 1e6);
    moved.scale = arrays.scale.map((v) => v * 1e3);
    for (let i = 0; i < moved.images.length / 2; i++) {
      const pixel = i % band.pixelCount;
      const plane = 2 * band.pixelCount * Math.floor(i / band.pixelCount);
      const phase = (-2 * Math.PI * (3 * band.kx[pixel]! - 2 * band.ky[pixel]!)) / plain.boxPx;
      const [re, im] = [arrays.images[plane + pixel]!, arrays.images[plane + band.pixelCount + pixel]!];
      moved.images[plane + pixel] = 1e3 * (re * Math.cos(phase) - im * Math.sin(phase));
      moved.images[plane + band.pixelCount + pixel] = 1e3 * (re * Math.sin(phase) + im * Math.cos(phase));
    }
    const [before, after] = [await score(backend.open, plain, arrays), await score(backend.open, plain, moved)];
    const rms = Math.sqrt(before.reduce((sum, v) => sum + v * v, 0) / before.length);
    for (let i = 0; i < before.length; i++) expect(Math.abs(after[i]! - before[i]!)).toBeLessThan(1e-4 * rms);
  });

  test("gives NaN for a quaternion that is no rotation, and only there", async () => {
    const arrays = makeArrays(plain);
    arrays.rotations.fill(0, 0, 4);
    arrays.rotations[4 * 5 + 2] = Number.NaN;
    const out = await score(backend.open, plain, arrays);
    out.forEach((value, i) => {
      const rotation = Math.floor(i / plain.shiftsPerRotation);
      expect(Number.isNaN(value)).toBe(rotation === 0 || rotation === 5);
    });
  });
});

describe("the kernel agrees with the reference", () => {
  test.each([
    ["odd counts", {}],
    ["one rotation, one shift, from DC", { rotationsPerImage: 1, shiftsPerRotation: 1, firstPixel: 0 }],
    ["no CTF, a band beyond the shell in use", { hasCtf: false, maxShell: 9 }],
    ["padding 3, late first pixel", { padding: 3, maxShell: 8, firstPixel: 60 }],
    [
      "more rotations than pass together, a larger box",
      { boxPx: 64, bandShell: 30, maxShell: 30, rotationsPerImage: 33 },
    ],
    ["no pixel at all", { maxShell: 0, firstPixel: 1 }],
  ] as const)("%s", async (_, change) => {
    const scene: Scene = { ...plain, ...change };
    await expectBackendsAgree(makeArrays(scene), makeCall(scene), ["out"], KERNEL_TOLERANCE);
  });

  test("rows longer than a block of 256 pixels", async () => {
    const scene: Scene = {
      ...plain,
      boxPx: 288,
      bandShell: 134,
      maxShell: 134,
      padding: 0.25,
      imageCount: 1,
      rotationsPerImage: 1,
      shiftsPerRotation: 2,
    };
    await expectBackendsAgree(makeArrays(scene), makeCall(scene), ["out"], 5 * KERNEL_TOLERANCE);
  });
});

test("the bytes depend neither on threads nor on how a batch is cut", async () => {
  const scene: Scene = { ...plain, rotationsPerImage: 37 };
  const arrays = makeArrays(scene);
  await expectThreadsAgree(arrays, makeCall(scene), ["out"]);
  for (const backend of NATIVE_BACKENDS) {
    const whole = await score(backend.open, scene, arrays);
    const perImage = scene.rotationsPerImage * scene.shiftsPerRotation;
    const second = {
      ...arrays,
      active: arrays.active.slice(1, 2),
      rotations: arrays.rotations.slice(4 * 37, 8 * 37),
      shiftsPx: arrays.shiftsPx.slice(2 * perImage, 4 * perImage),
    };
    const { out } = await runOp(backend.open, second, makeCall(scene, { activeCount: 1 }), ["out"]);
    expect((out as Float32Array).slice(0, perImage)).toEqual(whole.slice(perImage, 2 * perImage));
  }
});
