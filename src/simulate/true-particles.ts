import { normalPair, philox4x32, seedWords, uniform01 } from "../core/random.ts";
import { uniformRotationInto } from "../geometry/quaternion.ts";
import type { Aberrations } from "../optics/aberrations.ts";
import type { Optics } from "../optics/optics.ts";
import type { SimulateOptions } from "../options/simulate-options.ts";

/** Streams of the counter-based generator: what a draw is for. */
const STREAM_POSE = 1;
const STREAM_SHIFT = 2;
const STREAM_OPTICS = 3;
const STREAM_NOISE = 4;

/** One simulated particle as it really is. */
export interface TrueParticle {
  /** w, x, y, z: image axes → volume axes. */
  readonly rotation: Float64Array;
  readonly shiftXPx: number;
  readonly shiftYPx: number;
  readonly optics: Optics;
  /** Of all particles alike; absent: none. */
  readonly aberrations?: Aberrations;
  /** Noise only. */
  readonly isJunk: boolean;
}

/** A pure function of the seed and the particle's number: any batch gives the same particles. */
export function trueParticle(particle: number, options: SimulateOptions, pixelSizeA: number): TrueParticle {
  const [key0, key1] = seedWords(options.seed);
  const pose = new Uint32Array(4);
  const shift = new Uint32Array(4);
  const optics = new Uint32Array(4);
  philox4x32(pose, key0, key1, STREAM_POSE, particle, 0, 0);
  philox4x32(shift, key0, key1, STREAM_SHIFT, particle, 0, 0);
  philox4x32(optics, key0, key1, STREAM_OPTICS, particle, 0, 0);
  const rotation = new Float64Array(4);
  uniformRotationInto(rotation, 0, uniform01(pose[0]!), uniform01(pose[1]!), uniform01(pose[2]!));
  const normals = new Float64Array(2);
  normalPair(normals, 0, shift[0]!, shift[1]!);
  const sdPx = options.shiftSdA / pixelSizeA;
  const [low, high] = options.defocusRangeA;
  const defocusUA = low + (high - low) * uniform01(optics[0]!);
  return {
    rotation,
    shiftXPx: normals[0]! * sdPx,
    shiftYPx: normals[1]! * sdPx,
    optics: {
      voltageKv: options.voltageKv,
      sphericalAberrationMm: options.sphericalAberrationMm,
      amplitudeContrast: options.amplitudeContrast,
      defocusUA,
      defocusVA: defocusUA - options.astigmatismA * uniform01(optics[1]!),
      defocusAngleRad: Math.PI * uniform01(optics[2]!),
      phaseShiftRad: 0,
    },
    isJunk: uniform01(optics[3]!) < options.junkShare,
  };
}

/** Adds white noise of variance 1 to one image: [pixelCount] at offset. */
export function addWhiteNoise(
  images: Float32Array,
  offset: number,
  pixelCount: number,
  seed: number,
  particle: number,
): void {
  const [key0, key1] = seedWords(seed);
  const words = new Uint32Array(4);
  const normals = new Float64Array(4);
  for (let pixel = 0; pixel < pixelCount; pixel += 4) {
    philox4x32(words, key0, key1, STREAM_NOISE, particle, pixel, 0);
    normalPair(normals, 0, words[0]!, words[1]!);
    normalPair(normals, 2, words[2]!, words[3]!);
    const count = Math.min(4, pixelCount - pixel);
    for (let i = 0; i < count; i++) images[offset + pixel + i]! += normals[i]!;
  }
}
