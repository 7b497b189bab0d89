import { DataError } from "./errors.ts";

/** How many problems of one file are written out; the rest are counted. */
const SHOWN_PROBLEMS = 10;

/**
 * Collects the problems of one file, so that they are reported together and not one per run.
 * The text is built by a function: a million bad rows cost a count, not a million strings.
 */
export class ProblemList {
  readonly #where: string;
  readonly #shown: string[] = [];
  #count = 0;

  /** @param where  the file's name, the start of the message */
  constructor(where: string) {
    this.#where = where;
  }

  get count(): number {
    return this.#count;
  }

  add(describe: () => string): void {
    this.#count++;
    if (this.#shown.length < SHOWN_PROBLEMS) this.#shown.push(describe());
  }

  /** Throws one DataError holding the first problems and the number of the others. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const first = this.#shown[0] ?? "";
    const fields = { where: this.#where, count: this.#count, problems: [...this.#shown] };
    if (this.#count === 1) throw new DataError(first, fields);
    const hidden = this.#count - this.#shown.length;
    const more = hidden > 0 ? `\n  … and ${hidden} more` : "";
    throw new DataError(`${this.#where}: ${this.#count} problems:\n  ${this.#shown.join("\n  ")}${more}`, fields);
  }
}
