/** Why an image cannot be used: 0 it can, 1 pixels that are not finite, 2 constant pixels. */
export type ImageFault = 0 | 1 | 2;

const NON_FINITE = 1;
const CONSTANT = 2;

/** The fault of one image, pixels[start, start + length). */
export function imageFault(pixels: Float32Array, start: number, length: number): ImageFault {
  return lookAtImage(pixels, start, length).fault;
}

/** The fault of one image, and Σ|x|. */
export function lookAtImage(
  pixels: Float32Array,
  start: number,
  length: number,
): { readonly fault: ImageFault; readonly absoluteSum: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let absoluteSum = 0;
  for (let i = start; i < start + length; i++) {
    const value = pixels[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
    absoluteSum += Math.abs(value);
  }
  // A sum of float32 values overflows no double: it is finite unless one of them is NaN or an infinity.
  const fault = !Number.isFinite(absoluteSum) ? NON_FINITE : high > low ? 0 : CONSTANT;
  return { fault, absoluteSum };
}
