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
  /** Box and pixel size that all images are brought to before they are compared: those of the coarsest optics group. */
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [optics groups] box of the stored images. */
  readonly groupBoxPx: readonly number[];
  /** Bytes of all images as stored. */
  readonly storedBytes: number;
  /**
   * Reads images in the order of the list, as stored, [particles.length × box × box] from out[0], times the group's sign.
   * The particles of one call must have one box. Reads are sorted by file and offset.
   */
  readInto(out: Float32Array, particles: ArrayLike<number>): void;
  close(): void;
}
