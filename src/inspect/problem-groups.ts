/** error: refine stops, or the result would be wrong. warning: it runs, and the result may suffer. */
export type Severity = "error" | "warning";

/** One kind of problem of a set, with how often it was met. */
export interface Problem {
  /** Stable identifier: "image-beyond-stack" … */
  readonly code: string;
  readonly severity: Severity;
  readonly count: number;
  /** What is wrong, one sentence. */
  readonly what: string;
  readonly remedy: string;
  /** The first places, each a sentence that begins with where. */
  readonly examples: readonly string[];
}

/** What a check reports besides the place. */
export interface ProblemKind {
  readonly code: string;
  readonly severity: Severity;
  readonly what: string;
  readonly remedy: string;
}

const SHOWN_EXAMPLES = 3;

/** Collects problems by kind: a million bad rows cost a count, not a million strings. */
export class ProblemGroups {
  readonly #groups = new Map<string, { kind: ProblemKind; count: number; examples: string[] }>();

  /** @param example  where it is and what stands there; asked for only while few have been shown */
  add(kind: ProblemKind, example?: () => string, count = 1): void {
    let group = this.#groups.get(kind.code);
    if (group === undefined) {
      group = { kind, count: 0, examples: [] };
      this.#groups.set(kind.code, group);
    }
    group.count += count;
    if (example !== undefined && group.examples.length < SHOWN_EXAMPLES) group.examples.push(example());
  }

  has(code: string): boolean {
    return this.#groups.has(code);
  }

  /** Errors first, then warnings, each in the order found. */
  list(): Problem[] {
    const all = [...this.#groups.values()].map(({ kind, count, examples }): Problem => ({ ...kind, count, examples }));
    return [...all.filter((p) => p.severity === "error"), ...all.filter((p) => p.severity === "warning")];
  }
}
