import type { ImageReader } from "../particles/image-model.ts";
import type { ImageSource } from "../particles/stacks.ts";

/** Reads images and takes each one's background level (mean outside the particle) off: a level inside the mask only would be signal. */
export class BackgroundReader implements ImageReader {
  readonly #source: ImageSource;
  readonly #outside: Int32Array;

  /** @param radiusPx  the particle's; when it leaves no background, the frame of the box is taken */
  constructor(source: ImageSource, radiusPx: number) {
    this.#source = source;
    const n = source.boxPx;
    const centre = Math.floor(n / 2);
    const limit = Math.min(radiusPx, centre - 1);
    this.#outside = Int32Array.from({ length: n * n }, (_, i) => i).filter(
      (i) => Math.hypot((i % n) - centre, Math.floor(i / n) - centre) > limit,
    );
  }

  readInto(out: Float32Array, particles: Int32Array): void {
    this.#source.readInto(out, particles);
    const pixels = this.#source.boxPx ** 2;
    for (let i = 0; i < particles.length; i++) this.levelImage(out, i * pixels);
  }

  /** Takes the background mean off one image; returns the background's standard deviation. */
  levelImage(image: Float32Array, start: number): { readonly deviation: number } {
    let sum = 0;
    for (const k of this.#outside) sum += image[start + k]!;
    const mean = sum / this.#outside.length;
    let square = 0;
    for (const k of this.#outside) square += (image[start + k]! - mean) ** 2;
    const end = start + this.#source.boxPx ** 2;
    for (let k = start; k < end; k++) image[k]! -= mean;
    return { deviation: Math.sqrt(square / this.#outside.length) };
  }
}
