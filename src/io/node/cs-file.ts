import { type CsDataset, readCs } from "../cs/dataset.ts";
import { openFile } from "./file-reader.ts";

/** Reads a cryoSPARC .cs file. */
export function readCsFile(path: string): CsDataset {
  const reader = openFile(path);
  try {
    return readCs(reader);
  } finally {
    reader.close();
  }
}
