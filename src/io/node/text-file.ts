import { readFileSync } from "node:fs";
import { fileError } from "./system-errors.ts";

/** A small text file, whole, as UTF-8. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw fileError("read", path, thrown);
  }
}
