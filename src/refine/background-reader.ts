import type { ImageReader } from "../particles/image-model.ts";
import type { ImageSource } from "../particles/stacks.ts";
import type { ParticleTable } from "../particles/table.ts";

/** Reads images and takes each one's background level (mean outside the particle) off: a level inside the mask only would be signal. */
export class BackgroundReader implements ImageReader {
  readonly #source: ImageSource;
  readonly #table: ParticleTable;
  /** [optics groups] pixels outside the particle. */
  readonly #outside: readonly Int32Array[];
  /** [particles] background level, once it was measured: the images stay what they are. */
  readonly #level: Float64Array;

  /** @param diameterA  the particle's; when it leaves no background, the frame of the box is taken */
  constructor(source: ImageSource, table: ParticleTable, diameterA: number) {
    this.#source = source;
    this.#table = table;
    this.#level = new Float64Array(table.count).fill(Number.NaN);
    const known = new Map<string, Int32Array>();
    this.#outside = table.opticsGroups.map((group, index) => {
      const boxPx = source.groupBoxPx[index]!;
      const radiusPx = diameterA / (2 * group.pixelSizeA);
      const key = `${boxPx} ${radiusPx}`;
      const outside = known.get(key) ?? pixelsOutside(boxPx, radiusPx);
      known.set(key, outside);
      return outside;
    });
  }

  /** Images of one box, as stored. */
  readInto(out: Float32Array, particles: Int32Array): void {
    this.#source.readInto(out, particles);
    let start = 0;
    for (const particle of particles) {
      const level = this.#level[particle]!;
      if (Number.isNaN(level)) this.levelImage(out, start, particle);
      else this.#takeOff(out, start, particle, level);
      start += this.#pixelCount(particle);
    }
  }

  /** Takes the background mean off one image; returns the background's standard deviation. */
  levelImage(image: Float32Array, start: number, particle: number): { readonly deviation: number } {
    const outside = this.#outside[this.#table.opticsGroup[particle]!]!;
    let sum = 0;
    for (let i = 0; i < outside.length; i++) sum += image[start + outside[i]!]!;
    const mean = sum / outside.length;
    let square = 0;
    for (let i = 0; i < outside.length; i++) square += (image[start + outside[i]!]! - mean) ** 2;
    this.#level[particle] = mean;
    this.#takeOff(image, start, particle, mean);
    return { deviation: Math.sqrt(square / outside.length) };
  }

  #takeOff(image: Float32Array, start: number, particle: number, level: number): void {
    const end = start + this.#pixelCount(particle);
    for (let k = start; k < end; k++) image[k]! -= level;
  }

  #pixelCount(particle: number): number {
    return this.#source.groupBoxPx[this.#table.opticsGroup[particle]!]! ** 2;
  }
}

function pixelsOutside(boxPx: number, radiusPx: number): Int32Array {
  const centre = Math.floor(boxPx / 2);
  const limit = Math.min(radiusPx, centre - 1);
  return Int32Array.from({ length: boxPx * boxPx }, (_, i) => i).filter(
    (i) => Math.hypot((i % boxPx) - centre, Math.floor(i / boxPx) - centre) > limit,
  );
}
