import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { DataError, messageOf, ResourceError } from "../../core/errors.ts";
import { type ByteReader, expectWithin, type FileAccess } from "../bytes.ts";
import { fileError } from "./system-errors.ts";

/** One read call moves less than 2 GiB on Linux. */
const READ_LIMIT = 1 << 30;

/** Opens a file for reading at any offset. */
export function openFile(path: string): ByteReader {
  let descriptor: number;
  let size: number;
  try {
    descriptor = openSync(path, "r");
  } catch (thrown) {
    throw fileError("read", path, thrown);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new DataError(`${path}: expected a file, got something else.`, { path });
    size = stat.size;
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown instanceof DataError ? thrown : fileError("read", path, thrown);
  }
  let isOpen = true;
  const readInto = (target: Uint8Array, offset: number): void => {
    expectWithin(path, size, offset, target.length);
    for (let done = 0; done < target.length; ) {
      const want = Math.min(READ_LIMIT, target.length - done);
      let got: number;
      try {
        got = readSync(descriptor, target, done, want, offset + done);
      } catch (thrown) {
        throw fileError("read", path, thrown);
      }
      // The file became shorter after it was opened.
      if (got === 0) expectWithin(path, offset + done, offset, target.length);
      done += got;
    }
  };
  return {
    name: path,
    size,
    readInto,
    read(offset, length) {
      expectWithin(path, size, offset, length);
      const bytes = makeBytes(path, length);
      readInto(bytes, offset);
      return bytes;
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

function makeBytes(path: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (thrown) {
    throw new ResourceError(
      `${path}: cannot read ${length} bytes at once: ${messageOf(thrown)}. Split the file or use a machine with more memory.`,
      { path, length },
      thrown,
    );
  }
}

/** The whole file, of more than 2 GiB too. */
export function readFileBytes(path: string): Uint8Array {
  const reader = openFile(path);
  try {
    return reader.read(0, reader.size);
  } finally {
    reader.close();
  }
}

/** Files of this machine. */
export const nodeFiles: FileAccess = {
  sizeOf(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? stat.size : undefined;
  },
  open: openFile,
};
