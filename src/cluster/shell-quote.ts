import { UsageError } from "../core/errors.ts";

/** Characters that no POSIX shell gives a meaning to. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word as a POSIX shell reads it back unchanged: plain words as they are, others in single quotes. */
export function shellQuote(word: string): string {
  if (word.includes("\0")) {
    throw new UsageError(
      "command: expected words without NUL characters, got one with. No program can be given such a word.",
    );
  }
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words as one line of shell. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
