/** What a file holds, in words and as values. */
export interface Description {
  readonly path: string;
  /** Stable identifier: "mrc-volume", "star-particles", "run-folder" … */
  readonly kind: string;
  /** One sentence. */
  readonly summary: string;
  readonly facts: readonly Fact[];
  /** What is odd, or good to know before the file is used. */
  readonly notes: readonly string[];
}

export interface Fact {
  readonly name: string;
  readonly text: string;
}

export function fact(name: string, text: string): Fact {
  return { name, text };
}

/** Lines for a terminal. */
export function descriptionText({ path, summary, facts, notes }: Description): string {
  const width = Math.max(0, ...facts.map(({ name }) => name.length)) + 2;
  const lines = [
    `${path}: ${summary}`,
    ...facts.map(({ name, text }) => `  ${name.padEnd(width)}${text}`),
    ...notes.map((note) => `  note: ${note}`),
  ];
  return `${lines.map(withoutControls).join("\n")}\n`;
}

/** Text from a file may hold terminal commands: they are shown, not obeyed. */
function withoutControls(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ? "\ufffd" : character;
  }).join("");
}
