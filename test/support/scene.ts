import { normalPair, philox4x32, uniform01 } from "../../src/core/random.ts";
import { CTF_OPTICS_FIELDS } from "../../src/device/ops/ctf.ts";
import type { Device } from "../../src/device/types.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { uniformRotationInto } from "../../src/geometry/quaternion.ts";
import type { Optics } from "../../src/optics/optics.ts";
import type { ImageModel, ImageReader } from "../../src/particles/image-model.ts";
import { type DeviceBand, uploadBand } from "../../src/particles/image-set.ts";
import { Projector } from "../../src/simulate/projector.ts";

/** Images made by exactly the model that the program assumes, with what made them. */
export interface Scene {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly count: number;
  /** [N³] in units in which the noise has variance 1 per pixel. */
  readonly map: Float32Array;
  /** [count][4] and [count][2]: the true poses. */
  readonly rotations: Float64Array;
  readonly shiftsPx: Float64Array;
  readonly optics: readonly Optics[];
  /** [count][N][N] */
  readonly images: Float32Array;
  readonly shiftSigmaPx: number;
}

export interface SceneOptions {
  readonly boxPx?: number;
  readonly pixelSizeA?: number;
  readonly count?: number;
  readonly seed?: number;
  /** Variance of the signal over that of the noise inside the circle of radius N/2 − 2. 0: noise only. */
  readonly snr?: number;
  /** σt of the prior that the true shifts are drawn from. */
  readonly shiftSigmaPx?: number;
  /** [N³] instead of blobMap. */
  readonly shape?: Float32Array;
}

const POSE = 1;
const SHIFT = 2;
const OPTICS = 3;
const NOISE = 4;

/** [N³] a lopsided heap of Gaussian blobs inside 0.3 of the box: no symmetry, no band limit to speak of. */
export function blobMap(boxPx: number, seed = 1, blobCount = 14): Float32Array {
  const words = new Uint32Array(4);
  const out = new Float32Array(boxPx ** 3);
  for (let b = 0; b < blobCount; b++) {
    philox4x32(words, seed, 77, b, 0, 0, 0);
    const [u, v, w, s] = Array.from(words, uniform01) as [number, number, number, number];
    const radius = 0.28 * boxPx * Math.cbrt(u);
    const z = 2 * v - 1;
    const ring = Math.sqrt(1 - z * z);
    const centre = [
      radius * ring * Math.cos(2 * Math.PI * w),
      0.7 * radius * ring * Math.sin(2 * Math.PI * w),
      radius * z,
    ];
    const sd = (boxPx / 32) * (1.1 + 0.9 * s);
    addGaussian(out, boxPx, centre, sd, 0.6 + 0.8 * s);
  }
  return out;
}

/** Adds height · exp(−|x − centre|²/2 sd²); centre relative to the box's, px, order x, y, z. */
export function addGaussian(
  map: Float32Array,
  boxPx: number,
  centre: readonly number[],
  sd: number,
  height: number,
): void {
  const along = centre.map((c) =>
    Float64Array.from({ length: boxPx }, (_, i) => Math.exp(-((i - boxPx / 2 - c) ** 2) / (2 * sd * sd))),
  );
  for (let z = 0; z < boxPx; z++) {
    for (let y = 0; y < boxPx; y++) {
      const zy = height * along[2]![z]! * along[1]![y]!;
      for (let x = 0; x < boxPx; x++) map[(z * boxPx + y) * boxPx + x]! += zy * along[0]![x]!;
    }
  }
}

/** Simulates a scene: uniform orientations, Gaussian shifts, mild astigmatism, white noise of variance 1. */
export async function makeScene(device: Device, options: SceneOptions = {}): Promise<Scene> {
  const { boxPx = 32, pixelSizeA = 4, count = 100, seed = 1, snr = 0.3, shiftSigmaPx = 1.5 } = options;
  const words = new Uint32Array(4);
  const rotations = new Float64Array(4 * count);
  const shiftsPx = new Float64Array(2 * count);
  const optics: Optics[] = [];
  for (let i = 0; i < count; i++) {
    philox4x32(words, seed, POSE, i, 0, 0, 0);
    uniformRotationInto(rotations, 4 * i, uniform01(words[0]!), uniform01(words[1]!), uniform01(words[2]!));
    philox4x32(words, seed, SHIFT, i, 0, 0, 0);
    normalPair(shiftsPx, 2 * i, words[0]!, words[1]!);
    shiftsPx[2 * i]! *= shiftSigmaPx;
    shiftsPx[2 * i + 1]! *= shiftSigmaPx;
    philox4x32(words, seed, OPTICS, i, 0, 0, 0);
    const defocusUA = 8000 + 12000 * uniform01(words[0]!);
    optics.push({
      voltageKv: 300,
      sphericalAberrationMm: 2.7,
      amplitudeContrast: 0.1,
      defocusUA,
      defocusVA: defocusUA - 2000 * uniform01(words[1]!),
      defocusAngleRad: Math.PI * uniform01(words[2]!),
      phaseShiftRad: 0,
    });
  }
  const shape = options.shape ?? blobMap(boxPx);
  const clean = await project(device, shape, boxPx, pixelSizeA, rotations, shiftsPx, optics);
  const gain = snr > 0 ? Math.sqrt(snr / signalVariance(clean, boxPx, count)) : 0;
  const images = clean.map((value) => value * gain);
  addNoise(images, seed, boxPx * boxPx);
  return {
    boxPx,
    pixelSizeA,
    count,
    map: shape.map((value) => value * gain),
    rotations,
    shiftsPx,
    optics,
    images,
    shiftSigmaPx,
  };
}

/** [count][N][N] noise-free images of a map. */
export async function project(
  device: Device,
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  rotations: Float64Array,
  shiftsPx: Float64Array | null,
  optics: readonly Optics[] | null,
): Promise<Float32Array> {
  const projector = new Projector(device, map, boxPx, pixelSizeA);
  try {
    return await projector.makeImages({ count: rotations.length / 4, rotations, shiftsPx, optics });
  } finally {
    projector.close();
  }
}

function signalVariance(images: Float32Array, boxPx: number, count: number): number {
  let sum = 0;
  let square = 0;
  let pixels = 0;
  for (let i = 0; i < count * boxPx * boxPx; i++) {
    const x = (i % boxPx) - boxPx / 2;
    const y = (Math.floor(i / boxPx) % boxPx) - boxPx / 2;
    if (x * x + y * y > (boxPx / 2 - 2) ** 2) continue;
    sum += images[i]!;
    square += images[i]! ** 2;
    pixels++;
  }
  return square / pixels - (sum / pixels) ** 2;
}

/** Adds white noise of variance 1, a pure function of the seed and the pixel. */
export function addNoise(images: Float32Array, seed: number, pixelsPerImage: number, sd = 1): void {
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  for (let i = 0; i < images.length; i += 2) {
    philox4x32(words, seed, NOISE, Math.floor(i / pixelsPerImage), i % pixelsPerImage, 0, 0);
    normalPair(pair, 0, words[0]!, words[1]!);
    images[i]! += sd * pair[0]!;
    images[i + 1]! += sd * pair[1]!;
  }
}

/** The image model of a scene as it is: σ² = N²/2 per real component (white noise of variance 1), scale and gain 1. */
export function sceneModel(scene: Scene, changes: Partial<ImageModel> = {}): ImageModel {
  const { boxPx, count } = scene;
  const shellCount = boxPx / 2 + 1;
  const flat = new Float64Array(shellCount).fill((boxPx * boxPx) / 2);
  const optics = new Float64Array(CTF_OPTICS_FIELDS * count);
  scene.optics.forEach((o, i) => {
    optics.set(
      [
        o.defocusUA,
        o.defocusVA,
        o.defocusAngleRad,
        o.voltageKv * 1e3,
        o.sphericalAberrationMm * 1e7,
        o.amplitudeContrast,
        o.phaseShiftRad,
        scene.pixelSizeA,
      ],
      CTF_OPTICS_FIELDS * i,
    );
  });
  return {
    boxPx,
    pixelSizeA: scene.pixelSizeA,
    optics,
    gain: new Float32Array(count).fill(1),
    scale: new Float32Array(count).fill(1),
    noiseGroup: new Int32Array(count),
    noiseGroupCount: 1,
    shellCount,
    sigma2: [flat, flat],
    recentrePx: new Int32Array(2 * count),
    key: Uint32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1000 + i / 2 : 5)),
    ...changes,
  };
}

/** Images from memory. */
export function memoryReader(images: Float32Array, boxPx: number): ImageReader {
  const pixels = boxPx * boxPx;
  return {
    readInto(out, particles) {
      particles.forEach((p, i) => {
        out.set(images.subarray(p * pixels, (p + 1) * pixels), i * pixels);
      });
    },
  };
}

/** The whole band of a box, on a device. */
export function sceneBand(device: Device, boxPx: number): DeviceBand {
  return uploadBand(device, makeBand(boxPx, boxPx / 2));
}

export const rowsTo = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
