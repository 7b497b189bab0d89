import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { fileError } from "./system-errors.ts";

const MAGIC = 0x4a4e524c;
const HEADER_BYTES = 24;
/** Where the checksummed part of a record begins. */
const CHECKED_FROM = 8;

/**
 * Append-only file of checksummed records: what survives a kill at any moment. A torn or damaged tail is cut off when the file is opened.
 * Record: magic, CRC-32 of all that follows, two 32-bit words of a key, 64-bit payload length, payload.
 */
export class Journal {
  readonly path: string;
  readonly #descriptor: number;
  readonly #records = new Map<string, { readonly offset: number; readonly length: number }>();
  readonly #isOwn: boolean;
  #end = 0;

  private constructor(path: string, descriptor: number, isOwn: boolean) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#isOwn = isOwn;
  }

  /** Opens a journal, or starts one. */
  static open(path: string): Journal {
    try {
      const journal = new Journal(path, openSync(path, existsSync(path) ? "r+" : "w+"), true);
      journal.#recover();
      return journal;
    } catch (thrown) {
      throw fileError("open the journal", path, thrown);
    }
  }

  /** Opens another process' journal for reading: the whole records that it holds now. Its file is left as it is. */
  static openToRead(path: string): Journal {
    try {
      const journal = new Journal(path, openSync(path, "r"), false);
      journal.#recover();
      return journal;
    } catch (thrown) {
      throw fileError("open the journal", path, thrown);
    }
  }

  has(key0: number, key1: number): boolean {
    return this.#records.has(`${key0}:${key1}`);
  }

  /** Appends a record and flushes it to the disk. */
  append(key0: number, key1: number, payload: Uint8Array): void {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(key0, 8);
    header.writeUInt32LE(key1, 12);
    header.writeBigUInt64LE(BigInt(payload.byteLength), 16);
    header.writeUInt32LE(recordChecksum(header, payload), 4);
    try {
      writeAll(this.#descriptor, header, this.#end);
      writeAll(this.#descriptor, payload, this.#end + HEADER_BYTES);
      fsyncSync(this.#descriptor);
    } catch (thrown) {
      throw fileError("write the journal", this.path, thrown);
    }
    this.#records.set(`${key0}:${key1}`, { offset: this.#end + HEADER_BYTES, length: payload.byteLength });
    this.#end += HEADER_BYTES + payload.byteLength;
  }

  /** The payload of a record; undefined when there is none. */
  read(key0: number, key1: number): Uint8Array | undefined {
    const record = this.#records.get(`${key0}:${key1}`);
    if (!record) return undefined;
    const bytes = new Uint8Array(record.length);
    readAll(this.#descriptor, bytes, record.offset);
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #recover(): void {
    const size = fstatSync(this.#descriptor).size;
    const header = Buffer.alloc(HEADER_BYTES);
    while (this.#end + HEADER_BYTES <= size) {
      readAll(this.#descriptor, header, this.#end);
      const length = Number(header.readBigUInt64LE(16));
      if (header.readUInt32LE(0) !== MAGIC || this.#end + HEADER_BYTES + length > size) break;
      const payload = new Uint8Array(length);
      readAll(this.#descriptor, payload, this.#end + HEADER_BYTES);
      if (recordChecksum(header, payload) !== header.readUInt32LE(4)) break;
      const key = `${header.readUInt32LE(8)}:${header.readUInt32LE(12)}`;
      this.#records.set(key, { offset: this.#end + HEADER_BYTES, length });
      this.#end += HEADER_BYTES + length;
    }
    if (this.#isOwn && this.#end < size) ftruncateSync(this.#descriptor, this.#end);
  }
}

/** The key is covered too: a block under another key would be taken for another's. */
function recordChecksum(header: Buffer, payload: Uint8Array): number {
  return crc32(payload, crc32(header.subarray(CHECKED_FROM)));
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
  }
}

function readAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    const got = readSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
    if (got === 0) throw new Error("unexpected end of file");
    done += got;
  }
}
