import type { PosteriorBlock } from "./block.ts";

/** Where posteriors are kept between E, M and the next round: a journal on disk, or memory in tests. */
export interface PosteriorStore {
  append(block: PosteriorBlock): Promise<void>;
  has(half: number, index: number): boolean;
  read(half: number, index: number): Promise<PosteriorBlock>;
}

/** A store that lives and dies with the process. */
export class MemoryPosteriorStore implements PosteriorStore {
  readonly #blocks = new Map<string, PosteriorBlock>();

  async append(block: PosteriorBlock): Promise<void> {
    this.#blocks.set(`${block.half}:${block.index}`, block);
  }

  has(half: number, index: number): boolean {
    return this.#blocks.has(`${half}:${index}`);
  }

  async read(half: number, index: number): Promise<PosteriorBlock> {
    const block = this.#blocks.get(`${half}:${index}`);
    if (!block) throw new Error(`posterior store: no block ${index} of half-set ${half + 1}`);
    return block;
  }
}
