import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { codeOf, fileError } from "./system-errors.ts";

/** Creates a folder and its parents; clear errors where that is not allowed. */
export function makeFolder(path: string): void {
  expectWritablePlace(path);
  try {
    makeFolders(path);
    accessSync(path, constants.W_OK);
  } catch (thrown) {
    throw fileError("create the folder", path, thrown);
  }
}

/** Throws when a folder could not be made or written at this path; makes nothing. */
export function expectWritablePlace(path: string): void {
  let existing = resolve(path);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
  } catch (thrown) {
    throw fileError("create the folder", path, thrown);
  }
}

/** Not mkdirSync's own recursion, which never returns below a folder that refuses with ENOENT, such as /proc. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another process may have made it in between.
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

export function pathExists(path: string): boolean {
  return existsSync(path);
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export function listFolder(path: string): string[] {
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** Removes a file or a whole folder; absent is fine. */
export function removePath(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

export { dirname as folderOf, join as joinPath, resolve as absolutePath };
