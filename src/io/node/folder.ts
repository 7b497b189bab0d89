import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, fileError } from "./system-errors.ts";

/** Makes a folder and those above it; one that exists is left as it is. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (thrown) {
    throw fileError("make the folder", path, thrown);
  }
}

/** Makes the folder that a file will lie in. */
export function makeFolderOf(filePath: string): void {
  makeFolder(dirname(filePath));
}

/** Names in a folder, sorted; undefined when it does not exist. */
export function folderEntries(path: string): string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw fileError("read the folder", path, thrown);
  }
}

/** Removes a folder with all it holds; harmless when it does not exist. */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (thrown) {
    throw fileError("remove the folder", path, thrown);
  }
}

/** Path of a file in a folder. */
export function pathIn(folder: string, name: string): string {
  return join(folder, name);
}
