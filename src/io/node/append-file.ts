import { closeSync, openSync, writeSync } from "node:fs";
import { fileError } from "./system-errors.ts";

/** A text file that only grows, line by line: a log. Each line is one write, so a reader never sees half of one. */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, "a");
    } catch (thrown) {
      throw fileError("open", path, thrown);
    }
  }

  line(text: string): void {
    try {
      writeSync(this.#descriptor, `${text}\n`);
    } catch (thrown) {
      throw fileError("write", this.path, thrown);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
