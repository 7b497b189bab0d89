/** Where the command line writes; replaced in tests. stdout carries results, stderr messages. */
export interface Terminal {
  readonly writeResult: (text: string) => void;
  readonly writeMessage: (text: string) => void;
  /** Messages go to a person's screen: lines may be rewritten in place. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  readonly columns: number;
}

export type Tone = "bold" | "dim" | "yellow" | "red" | "green";

const CODES: Readonly<Record<Tone, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** Text in a tone, or as it is where colours are not wanted (NO_COLOR, a pipe). */
export function toned(terminal: Terminal, tone: Tone, text: string): string {
  return terminal.hasColour ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}

/** The process's own streams. https://no-color.org: NO_COLOR counts when present and not empty. */
export function processTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal {
  const isInteractive = process.stderr.isTTY === true && environment["TERM"] !== "dumb";
  return {
    writeResult: (text) => process.stdout.write(text),
    writeMessage: (text) => process.stderr.write(text),
    isInteractive,
    hasColour: isInteractive && !environment["NO_COLOR"],
    columns: process.stderr.columns ?? 100,
  };
}
