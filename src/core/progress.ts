/** Clock in ms; replaced in tests. */
export type Clock = () => number;

/**
 * Counted work with the time still needed, from the measured cost of a unit.
 * A unit is whatever is counted evenly: image × slice block, inserted particle, transformed line.
 */
export class WorkCounter {
  readonly total: number;
  readonly #now: Clock;
  readonly #startedMs: number;
  #done = 0;

  constructor(total: number, now: Clock = () => performance.now()) {
    this.total = total;
    this.#now = now;
    this.#startedMs = now();
  }

  get done(): number {
    return this.#done;
  }

  get elapsedMs(): number {
    return this.#now() - this.#startedMs;
  }

  /** Undefined until the first unit is done: nothing has been measured. */
  get remainingMs(): number | undefined {
    if (this.#done <= 0) return undefined;
    return (this.elapsedMs / this.#done) * Math.max(0, this.total - this.#done);
  }

  advance(units: number): void {
    this.#done += units;
  }
}
