/** Bytes per allocation: large enough to be few, small enough to be granted. */
const SEGMENT_BYTES = 256 * 1024 * 1024;

/**
 * Stored bytes of images kept in memory: those of the first particles that fit the budget, each after its first read.
 */
export class ResidentSlices {
  readonly #segmentOf: Int32Array;
  readonly #offsetOf: Int32Array;
  readonly #sliceBytes: Float64Array;
  readonly #isLoaded: Uint8Array;
  readonly #segmentBytes: number[] = [];
  readonly #segments: (Uint8Array | undefined)[] = [];

  /** @param sliceBytes  [particles] */
  constructor(sliceBytes: Float64Array, budgetBytes: number) {
    const count = sliceBytes.length;
    this.#sliceBytes = sliceBytes;
    this.#segmentOf = new Int32Array(count).fill(-1);
    this.#offsetOf = new Int32Array(count);
    this.#isLoaded = new Uint8Array(count);
    let total = 0;
    for (let particle = 0; particle < count; particle++) {
      const bytes = sliceBytes[particle] as number;
      total += bytes;
      if (total > budgetBytes) break;
      const last = this.#segmentBytes.length - 1;
      const used = this.#segmentBytes[last];
      const isNew = used === undefined || used + bytes > SEGMENT_BYTES;
      const segment = isNew ? this.#segmentBytes.push(0) - 1 : last;
      const offset = this.#segmentBytes[segment] as number;
      this.#segmentOf[particle] = segment;
      this.#offsetOf[particle] = offset;
      this.#segmentBytes[segment] = offset + bytes;
    }
  }

  /** The bytes of an image, undefined when they are not (yet) here. */
  get(particle: number): Uint8Array | undefined {
    return this.#isLoaded[particle] === 1 ? this.#view(particle) : undefined;
  }

  /** Copies the bytes of an image if it has a place. */
  keep(particle: number, bytes: Uint8Array): void {
    if ((this.#segmentOf[particle] as number) < 0) return;
    this.#view(particle).set(bytes);
    this.#isLoaded[particle] = 1;
  }

  #view(particle: number): Uint8Array {
    const index = this.#segmentOf[particle] as number;
    let segment = this.#segments[index];
    if (segment === undefined) {
      segment = new Uint8Array(this.#segmentBytes[index] as number);
      this.#segments[index] = segment;
    }
    const offset = this.#offsetOf[particle] as number;
    return segment.subarray(offset, offset + (this.#sliceBytes[particle] as number));
  }
}
