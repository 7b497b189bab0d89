import type { SymmetricPhase } from "./symmetric-phase.ts";

/**
 * What the image model knows of every particle of a data set at the start of a round: optics, gain, noise, scale, where it was.
 * Arrays are indexed by row of the particle table; noise and scale are those of the particle's own half-set.
 */
export interface ImageModel {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [particles][8] as CtfArgs.optics. */
  readonly optics: Float64Array;
  /** [particles][2] B-factor Å² and scale of the CTF. Absent: 0 and 1. */
  readonly envelope?: Float64Array;
  /** Even Zernike terms. Absent: none. */
  readonly symmetricPhase?: SymmetricPhase;
  /** [particles] multiplies the pixels: gain of the data set × norm correction of the particle. */
  readonly gain: Float32Array;
  /** [particles] multiplies the reference. */
  readonly scale: Float32Array;
  /** [particles] row of sigma2. */
  readonly noiseGroup: Int32Array;
  readonly noiseGroupCount: number;
  /** Shells 0 … shellCount − 1. */
  readonly shellCount: number;
  /** [half][noiseGroupCount × shellCount] noise variance per real component. */
  readonly sigma2: readonly [Float64Array, Float64Array];
  /** [particles][2] last known shift, px, rounded: images are recentred by it before masking. */
  readonly recentrePx: Int32Array;
  /** [particles][2] words that key each particle's random numbers. */
  readonly key: Uint32Array;
}

/** Reads real-space images, rows of the particle table, into [count][N][N]. */
export interface ImageReader {
  readInto(out: Float32Array, particles: Int32Array): void | Promise<void>;
}
