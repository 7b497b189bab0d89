import { textOf } from "./scan.ts";

/** Gives equal byte runs equal small numbers, without making a string for each. */
export class ByteInterner {
  readonly texts: string[] = [];
  #slots = new Int32Array(1024).fill(-1);
  readonly #hashes: number[] = [];
  readonly #runs: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }[] = [];
  #last = -1;

  /** Number of the run bytes[start, end); its text is texts[number]. The bytes must not change afterwards. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    // Rows of one micrograph usually follow each other.
    if (this.#last >= 0 && this.#isSame(this.#last, bytes, start, end)) return this.#last;
    const hash = hashOf(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== -1; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] as number;
      if (this.#hashes[known] === hash && this.#isSame(known, bytes, start, end)) {
        this.#last = known;
        return known;
      }
    }
    const added = this.texts.push(textOf(bytes, start, end)) - 1;
    this.#hashes.push(hash);
    this.#runs.push({ bytes, start, end });
    this.#slots[slot] = added;
    this.#last = added;
    if (this.texts.length * 2 > this.#slots.length) this.#grow();
    return added;
  }

  #isSame(known: number, bytes: Uint8Array, start: number, end: number): boolean {
    const run = this.#runs[known] as { bytes: Uint8Array; start: number; end: number };
    if (run.end - run.start !== end - start) return false;
    // Names differ near their ends, so compare from there.
    for (let a = run.end - 1, b = end - 1; b >= start; a--, b--) {
      if (run.bytes[a] !== bytes[b]) return false;
    }
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    this.#hashes.forEach((hash, number) => {
      let slot = hash & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = number;
    });
    this.#slots = slots;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
