import type { StarDocument } from "../star/document.ts";
import { parseStar } from "../star/parse.ts";
import { encodeStar } from "../star/write.ts";
import { writeFileAtomic } from "./atomic-write.ts";
import { readFileBytes } from "./file-reader.ts";

/** Reads a STAR file. Its bytes stay in memory: columns are read from them when asked for. */
export function readStarFile(path: string): StarDocument {
  return parseStar(readFileBytes(path), path);
}

/** Writes a STAR file whole or not at all. */
export function writeStarFileAtomic(path: string, document: StarDocument): void {
  writeFileAtomic(path, encodeStar(document));
}
