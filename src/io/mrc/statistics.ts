/** Minimum, maximum, mean and rms deviation of pixels seen so far, in double precision. */
export class PixelStatistics {
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #sumOfSquares = 0;
  #count = 0;

  /** A section: its own sums are taken first, so that a map that comes in planes has the statistics of one that comes whole. */
  add(pixels: Float32Array): void {
    let sum = 0;
    let sumOfSquares = 0;
    for (let i = 0; i < pixels.length; i++) {
      const value = pixels[i] as number;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
      sum += value;
      sumOfSquares += value * value;
    }
    this.#sum += sum;
    this.#sumOfSquares += sumOfSquares;
    this.#count += pixels.length;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** RMS deviation from the mean. */
  get rms(): number {
    if (this.#count === 0) return 0;
    return Math.sqrt(Math.max(0, this.#sumOfSquares / this.#count - this.mean ** 2));
  }
}
