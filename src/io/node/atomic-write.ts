import { closeSync, fsyncSync, openSync, readdirSync, renameSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ResourceError, VitreousError } from "../../core/errors.ts";
import { codeOf, fileError } from "./system-errors.ts";

export interface AtomicWriteOptions {
  /** Bytes to be written, checked against the free space before anything is written. */
  readonly expectedBytes?: number;
}

/**
 * Writes a file whole or not at all: a temporary file in the same folder, flushed to the disk, then renamed.
 * After a crash the old file or the new one is there, never half of one.
 */
export function writeFileAtomic(
  path: string,
  chunks: Iterable<Uint8Array> | Uint8Array | string,
  options: AtomicWriteOptions = {},
): void {
  const file = AtomicFile.create(path, options);
  try {
    if (typeof chunks === "string") file.append(new TextEncoder().encode(chunks));
    else if (chunks instanceof Uint8Array) file.append(chunks);
    else for (const chunk of chunks) file.append(chunk);
    file.commit();
  } catch (thrown) {
    file.discard();
    throw thrown;
  }
}

let temporaryCount = 0;

/** A file under construction, for content that is made piece by piece. Ends with `commit` or `discard`. */
export class AtomicFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #descriptor: number;
  #position = 0;
  #isOpen = true;

  private constructor(path: string, temporary: string, descriptor: number) {
    this.path = path;
    this.#temporary = temporary;
    this.#descriptor = descriptor;
  }

  static create(path: string, options: AtomicWriteOptions = {}): AtomicFile {
    if (options.expectedBytes !== undefined) expectFreeSpace(path, options.expectedBytes);
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${temporaryCount++}.tmp`);
    try {
      return new AtomicFile(path, temporary, openSync(temporary, "w"));
    } catch (thrown) {
      throw fileError("write", path, thrown);
    }
  }

  append(bytes: Uint8Array): void {
    this.#write(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** Overwrites bytes already written, e.g. a header whose numbers are known at the end. */
  overwrite(offset: number, bytes: Uint8Array): void {
    this.#write(bytes, offset);
  }

  /** Flushes, closes, renames to the final name and flushes the folder. */
  commit(): void {
    try {
      fsyncSync(this.#descriptor);
      this.#close();
      renameSync(this.#temporary, this.path);
      flushFolder(dirname(this.path));
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  /** Leaves no trace; harmless after `commit`. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#close();
    try {
      unlinkSync(this.#temporary);
    } catch {
      // The remedy is the first error's; a temporary file that cannot be removed does no harm.
    }
  }

  #write(bytes: Uint8Array, offset: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#descriptor, bytes, done, Math.min(1 << 30, bytes.length - done), offset + done);
      }
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): VitreousError {
    this.discard();
    return thrown instanceof VitreousError ? thrown : fileError("write", this.path, thrown);
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

/** Takes away the temporary files that killed processes left in a folder; those of living ones stay. */
export function removeAbandonedFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    const writer = /^\..+\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
    if (writer === undefined || isAlive(Number(writer))) continue;
    try {
      unlinkSync(join(folder, name));
    } catch {
      // Gone already, or not ours to remove: it does no harm.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === "EPERM";
  }
}

/** Throws ResourceError when the folder of `path` has less free space than `bytes`. */
export function expectFreeSpace(path: string, bytes: number): void {
  let freeBytes: number;
  try {
    const stat = statfsSync(dirname(path) || ".");
    freeBytes = stat.bavail * stat.bsize;
  } catch (thrown) {
    throw fileError("write", path, thrown);
  }
  if (freeBytes < bytes) {
    throw new ResourceError(
      `${path}: cannot write: expected ${bytes} bytes of free space in its folder, got ${freeBytes}. ` +
        "Free some space or choose a folder on another disk.",
      { path, expectedBytes: bytes, freeBytes },
    );
  }
}

/** Makes a rename durable. Some file systems cannot flush a folder; there the rename alone must do. */
function flushFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // EINVAL on network file systems that order renames themselves.
  } finally {
    closeSync(descriptor);
  }
}
