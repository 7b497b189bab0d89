import { throwIfAborted } from "../core/errors.ts";
import type { ImageSource } from "./image-source.ts";

/** Why an image cannot be used; 0 = it can. */
export const IMAGE_FAULTS = ["none", "non-finite pixels", "constant pixels"] as const;
export type ImageFault = 0 | 1 | 2;

const NON_FINITE = 1;
const CONSTANT = 2;

/** The fault of one image, pixels[start, start + length). */
export function imageFault(pixels: Float32Array, start: number, length: number): ImageFault {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + length; i++) {
    const value = pixels[i] as number;
    // True for NaN and both infinities.
    if (value - value !== 0) return NON_FINITE;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low ? 0 : CONSTANT;
}

/** Reads every image once; [count] faults. Bad images are the caller's to leave out: they never stop a run. */
export function validateImages(source: ImageSource, batchSize: number, signal?: AbortSignal): Uint8Array {
  const faults = new Uint8Array(source.count);
  const imagePixels = source.boxPx ** 2;
  const pixels = new Float32Array(Math.min(batchSize, source.count) * imagePixels);
  for (let first = 0; first < source.count; first += batchSize) {
    throwIfAborted(signal, "checking the images");
    const count = Math.min(batchSize, source.count - first);
    const particles = Int32Array.from({ length: count }, (_, i) => first + i);
    source.readInto(pixels, particles);
    for (let i = 0; i < count; i++) faults[first + i] = imageFault(pixels, i * imagePixels, imagePixels);
  }
  return faults;
}
