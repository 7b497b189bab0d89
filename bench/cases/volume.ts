import type { Device } from "../../src/device/types.ts";
import { type BenchCase, makeOwner, normals, realFftFlops } from "../case.ts";
import { BOX_PX, makePoints, makeScene, PADDING } from "../scene.ts";

/** Insertion, reconstruction and the transforms. */
export function cases(device: Device): BenchCase[] {
  return [
    insertCase(device, 24, 4),
    insertCase(device, 96, 4),
    reconstructCase(device),
    prepareCase(device, 256, false),
    prepareCase(device, 256, true),
    fftCase(device, 64),
    fftCase(device, 128),
  ];
}

const INSERT_IMAGES = 64;

function insertCase(device: Device, rotations: number, shifts: number): BenchCase {
  const scene = makeScene(device, INSERT_IMAGES);
  const cloud = makePoints(device, INSERT_IMAGES, rotations, shifts);
  const weights = scene.upload(new Float32Array(INSERT_IMAGES * rotations * shifts).fill(1 / (rotations * shifts)));
  const imageWeight = scene.upload(new Float32Array(INSERT_IMAGES).fill(1));
  const accumulator = scene.allocate("i64", 3 * scene.box.voxelCount);
  const samples = INSERT_IMAGES * rotations * scene.band.pixelCount;
  return {
    kernel: "insert",
    what: `${INSERT_IMAGES} images × ${rotations} rotations × ${shifts} shifts, ${scene.band.pixelCount} pixels`,
    // Merge shifts (10 each), place and weights (30), 24 contributions rounded to integers (3 each). Four pairs of voxels
    // are read and written.
    work: {
      flops: (102 + 10 * shifts) * samples,
      bytes: 12 * INSERT_IMAGES * scene.band.pixelCount,
      gathers: 8 * samples,
    },
    run: () =>
      device.insert({
        ...scene.images,
        ...cloud.points,
        weights,
        imageWeight,
        pixelCount: scene.band.pixelCount,
        paddingFactor: PADDING,
        accumulatorRadiusPx: scene.box.radiusPx,
        forwardScale: 2 ** 24,
        weightScale: 2 ** 24,
        accumulator,
      }),
    free() {
      cloud.free();
      scene.free();
    },
  };
}

function reconstructCase(device: Device): BenchCase {
  const scene = makeScene(device, 1);
  const weight = scene.upload(new Float32Array(scene.box.voxelCount).fill(1));
  const prior = scene.upload(new Float64Array(scene.maxShell + 1).fill(1));
  const map = scene.allocate("f32", BOX_PX ** 3);
  const grid = (PADDING * BOX_PX) ** 3;
  return {
    kernel: "reconstruct",
    what: `${BOX_PX} px, padding ${PADDING}, direct weights`,
    // One inverse transform of the padded grid: cleared, filled, and passed over once per dimension.
    work: { flops: realFftFlops(grid), bytes: 4 * grid * 7 },
    run: () =>
      device.reconstruct({
        forward: scene.reference.volume,
        weight,
        accumulatorRadiusPx: scene.box.radiusPx,
        paddingFactor: PADDING,
        boxPx: BOX_PX,
        maxShell: scene.maxShell,
        prior,
        griddingIterations: 0,
        map,
        report: null,
      }),
    free: () => scene.free(),
  };
}

function prepareCase(device: Device, imageCount: number, isMasked: boolean): BenchCase {
  const scene = makeScene(device, imageCount);
  const owner = makeOwner(device);
  const pixels = owner.upload(normals(imageCount * BOX_PX * BOX_PX, 4));
  const gain = owner.upload(new Float32Array(imageCount).fill(1));
  const recentrePx = owner.upload(new Int32Array(2 * imageCount).fill(1));
  const sigma2 = owner.upload(new Float32Array(scene.images.shellCount).fill(1));
  const noiseKey = owner.upload(Uint32Array.from({ length: 2 * imageCount }, (_, i) => i));
  const out = owner.allocate("f32", 2 * imageCount * scene.band.pixelCount);
  const count = imageCount * BOX_PX * BOX_PX;
  return {
    kernel: "prepareImages",
    what: `${imageCount} images of ${BOX_PX} px, ${isMasked ? "masked, noise filled in" : "no mask"}`,
    // One transform; with a mask two more, and a normal number per pixel (60).
    work: {
      flops: imageCount * realFftFlops(BOX_PX * BOX_PX) * (isMasked ? 3 : 1) + (isMasked ? 65 : 1) * count,
      bytes: 4 * count + 8 * imageCount * scene.band.pixelCount,
    },
    run: () =>
      device.prepareImages({
        ...scene.images,
        pixels,
        gain,
        recentrePx,
        maskRadiusPx: isMasked ? 25 : 0,
        maskEdgePx: isMasked ? 5 : 0,
        sigma2,
        noiseKey,
        out,
      }),
    free() {
      owner.free();
      scene.free();
    },
  };
}

function fftCase(device: Device, sizePx: number): BenchCase {
  const owner = makeOwner(device);
  const real = owner.upload(normals(sizePx ** 3, 8));
  const complex = owner.allocate("f32", sizePx * sizePx * (sizePx + 2));
  return {
    kernel: "fft",
    what: `${sizePx}³, real to complex`,
    work: { flops: realFftFlops(sizePx ** 3), bytes: 4 * 6 * sizePx ** 3 },
    run: () => device.fftForward3({ sizePx, real, complex }),
    free: () => owner.free(),
  };
}
