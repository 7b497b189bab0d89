import { gunzipSync } from "node:zlib";
import { DataError, messageOf } from "../../core/errors.ts";
import { type ByteReader, bytesReader } from "../bytes.ts";
import { type EncodeOptions, encodedMapBytes, encodeMap } from "../mrc/encode.ts";
import { type DensityMapData, readMap } from "../mrc/map.ts";
import { writeFileAtomic } from "./atomic-write.ts";
import { openFile } from "./file-reader.ts";

/** Reads a density map, plain or gzip-packed. */
export function readMapFile(path: string): DensityMapData {
  const reader = openFile(path);
  try {
    return readMap(unpackedReader(reader));
  } finally {
    reader.close();
  }
}

/** Writes a volume (or, with isVolume false, a stack) whole or not at all. */
export function writeMapFile(path: string, map: DensityMapData, options: EncodeOptions = {}): void {
  writeFileAtomic(path, encodeMap(map, options), { expectedBytes: encodedMapBytes(map, options.mode ?? 2) });
}

/** The reader itself, or one over the bytes that a gzip file holds. DataError for bzip2. */
export function unpackedReader(reader: ByteReader): ByteReader {
  if (reader.size < 3) return reader;
  const [first, second, third] = reader.read(0, 3);
  if (first === 0x42 && second === 0x5a && third === 0x68) {
    throw new DataError(`${reader.name}: packed with bzip2, which is not read. Unpack it first: bunzip2 -k FILE`, {
      where: reader.name,
    });
  }
  if (first !== 0x1f || second !== 0x8b) return reader;
  try {
    return bytesReader(gunzipSync(reader.read(0, reader.size)), reader.name);
  } catch (thrown) {
    throw new DataError(
      `${reader.name}: gzip data cannot be unpacked: ${messageOf(thrown)}. Copy the file again or unpack it first.`,
      { where: reader.name },
      thrown,
    );
  }
}
