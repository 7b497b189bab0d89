import type { Terminal } from "../../src/cli/terminal.ts";

/** A terminal that keeps what is written to it. */
export function recorder(changes: Partial<Terminal> = {}): Terminal & { results: string; messages: string } {
  const record = {
    results: "",
    messages: "",
    writeResult: (text: string) => {
      record.results += text;
    },
    writeMessage: (text: string) => {
      record.messages += text;
    },
    isInteractive: false,
    hasColour: false,
    columns: 80,
    ...changes,
  };
  return record;
}
