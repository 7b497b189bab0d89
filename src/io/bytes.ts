import { DataError } from "../core/errors.ts";

/** Random access to the bytes of one file. Offsets are doubles, so files over 4 GiB are ordinary. */
export interface ByteReader {
  /** The file's name, for error messages. */
  readonly name: string;
  /** Bytes in the file. */
  readonly size: number;
  /** A fresh copy of exactly `length` bytes from `offset`; DataError when the file ends before. */
  read(offset: number, length: number): Uint8Array;
  /** Fills `target` with the bytes from `offset`; DataError when the file ends before. */
  readInto(target: Uint8Array, offset: number): void;
  close(): void;
}

/** How code that must also run in a browser reaches files: `io/node/` has the implementation for Node. */
export interface FileAccess {
  /** Bytes of the file, or undefined when there is none. */
  sizeOf(path: string): number | undefined;
  open(path: string): ByteReader;
}

/** A reader over bytes in memory. */
export function bytesReader(bytes: Uint8Array, name: string): ByteReader {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      expectWithin(name, bytes.length, offset, length);
      // Not slice(): a Buffer's would share the memory.
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
    readInto(target, offset) {
      expectWithin(name, bytes.length, offset, target.length);
      target.set(bytes.subarray(offset, offset + target.length));
    },
    close() {},
  };
}

/** Throws DataError unless [offset, offset + length) lies in a file of `size` bytes. */
export function expectWithin(name: string, size: number, offset: number, length: number): void {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw new DataError(
      `${name}: truncated: expected ${offset + length} bytes, got ${size}. Copy or make the file again.`,
      { where: name, expectedBytes: offset + length, actualBytes: size },
    );
  }
}
