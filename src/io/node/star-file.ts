import { DataError } from "../../core/errors.ts";
import type { StarDocument } from "../star/document.ts";
import { parseStar } from "../star/parse.ts";
import { encodeStar } from "../star/write.ts";
import { writeFileAtomic } from "./atomic-write.ts";
import { readFileBytes } from "./file-reader.ts";

/** Bytes in which a file that is no text shows it. */
const LOOKED_AT = 4096;

/** Reads a STAR file. Its bytes stay in memory: columns are read from them when asked for. */
export function readStarFile(path: string): StarDocument {
  const bytes = readFileBytes(path);
  if (bytes.subarray(0, LOOKED_AT).includes(0)) {
    throw new DataError(`${path}: expected a STAR file, got binary data. vitreous inspect says what the file is.`);
  }
  return parseStar(bytes, path);
}

/** Writes a STAR file whole or not at all. */
export function writeStarFileAtomic(path: string, document: StarDocument): void {
  writeFileAtomic(path, encodeStar(document));
}
