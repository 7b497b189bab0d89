import type { MrcStack } from "../io/mrc/stack.ts";

/** Open files at once: well below the usual limit of 1024 per process. */
const MOST_OPEN = 64;

/** Keeps the stacks used last open; the others are opened again when needed. */
export class StackPool {
  readonly #open: (path: string) => MrcStack;
  readonly #stacks = new Map<string, MrcStack>();

  constructor(open: (path: string) => MrcStack) {
    this.#open = open;
  }

  stack(path: string): MrcStack {
    const known = this.#stacks.get(path);
    if (known !== undefined) {
      // A Map keeps the order of insertion: the first entry is the one unused for longest.
      this.#stacks.delete(path);
      this.#stacks.set(path, known);
      return known;
    }
    if (this.#stacks.size >= MOST_OPEN) {
      const [oldest] = this.#stacks.keys();
      if (oldest !== undefined) {
        this.#stacks.get(oldest)?.close();
        this.#stacks.delete(oldest);
      }
    }
    const opened = this.#open(path);
    this.#stacks.set(path, opened);
    return opened;
  }

  close(): void {
    for (const stack of this.#stacks.values()) stack.close();
    this.#stacks.clear();
  }
}
