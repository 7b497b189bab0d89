import { crc32 } from "node:zlib";
import { openFile } from "./file-reader.ts";

/** Layout of journal.ts: magic, checksum, two key words, payload length. */
const MAGIC = 0x4a4e524c;
const HEADER_BYTES = 24;
const CHECKED_FROM = 8;

export interface JournalRecord {
  readonly key0: number;
  readonly key1: number;
  readonly payloadBytes: number;
}

/** The whole records of a journal, without opening it for writing: a torn tail is found and left as it is. */
export function journalRecords(path: string): {
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last whole record. */
  readonly goodBytes: number;
  readonly fileBytes: number;
} {
  const reader = openFile(path);
  try {
    const records: JournalRecord[] = [];
    let at = 0;
    while (at + HEADER_BYTES <= reader.size) {
      const header = reader.read(at, HEADER_BYTES);
      const view = new DataView(header.buffer, header.byteOffset);
      const payloadBytes = Number(view.getBigUint64(16, true));
      if (view.getUint32(0, true) !== MAGIC || at + HEADER_BYTES + payloadBytes > reader.size) break;
      const payload = reader.read(at + HEADER_BYTES, payloadBytes);
      if (crc32(payload, crc32(header.subarray(CHECKED_FROM))) !== view.getUint32(4, true)) break;
      records.push({ key0: view.getUint32(8, true), key1: view.getUint32(12, true), payloadBytes });
      at += HEADER_BYTES + payloadBytes;
    }
    return { records, goodBytes: at, fileBytes: reader.size };
  } finally {
    reader.close();
  }
}
