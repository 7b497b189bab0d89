import type { ImageReader } from "../particles/image-model.ts";
import type { ImageSource } from "../particles/stacks.ts";
import type { ParticleTable } from "../particles/table.ts";

/** Reads images and takes each one's background level (mean outside the particle) off: a level inside the mask only would be signal. */
export class BackgroundReader implements ImageReader {
  readonly #source: ImageSource;
  readonly #table: ParticleTable;
  /** [optics groups] pixels outside the particle. */
  readonly #outside: readonly Int32Array[];

  /** @param diameterA  the particle's; when it leaves no background, the frame of the box is taken */
  constructor(source: ImageSource, table: ParticleTable, diameterA: number) {
    this.#source = source;
    this.#table = table;
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
      this.levelImage(out, start, particle);
      start += this.#source.groupBoxPx[this.#table.opticsGroup[particle]!]! ** 2;
    }
  }

  /** Takes the background mean off one image; returns the background's standard deviation. */
  levelImage(image: Float32Array, start: number, particle: number): { readonly deviation: number } {
    const group = this.#table.opticsGroup[particle]!;
    const outside = this.#outside[group]!;
    let sum = 0;
    for (const k of outside) sum += image[start + k]!;
    const mean = sum / outside.length;
    let square = 0;
    for (const k of outside) square += (image[start + k]! - mean) ** 2;
    const end = start + this.#source.groupBoxPx[group]! ** 2;
    for (let k = start; k < end; k++) image[k]! -= mean;
    return { deviation: Math.sqrt(square / outside.length) };
  }
}

function pixelsOutside(boxPx: number, radiusPx: number): Int32Array {
  const centre = Math.floor(boxPx / 2);
  const limit = Math.min(radiusPx, centre - 1);
  return Int32Array.from({ length: boxPx * boxPx }, (_, i) => i).filter(
    (i) => Math.hypot((i % boxPx) - centre, Math.floor(i / boxPx) - centre) > limit,
  );
}
