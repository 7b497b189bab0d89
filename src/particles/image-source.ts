import type { StackLocations } from "./stack-paths.ts";

export interface ImageSourceOptions extends StackLocations {
  /** Stored bytes of images that may stay in memory; the same numbers with any budget. Default 0. */
  readonly residentBytes?: number;
  /** "accept" uses the metadata's pixel size where a stack's header states another. Default "refuse". */
  readonly pixelSizeConflict?: "refuse" | "accept";
  /** Default false: boxes of an odd number of pixels are refused. */
  readonly allowOddBox?: boolean;
}

/** The images of a particle table. */
export interface ImageSource {
  readonly count: number;
  readonly boxPx: number;
  /** Å, of all optics groups. */
  readonly pixelSizeA: number;
  /** Bytes of all images as stored. */
  readonly storedBytes: number;
  /**
   * Reads images in the order of the list, [particles.length × boxPx × boxPx] from out[0], times the group's sign.
   * Reads are sorted by file and offset.
   */
  readInto(out: Float32Array, particles: ArrayLike<number>): void;
  close(): void;
}
