/** Why an image cannot be used: 0 it can, 1 pixels that are not finite, 2 constant pixels. */
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
