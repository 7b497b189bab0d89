import { expectRoom } from "../../core/checks.ts";
import { DataError } from "../../core/errors.ts";
import type { ByteReader } from "../bytes.ts";
import { decodePixelsInto } from "./decode.ts";
import { MRC_HEADER_BYTES, type MrcHeader, parseMrcHeader } from "./header.ts";
import { bytesPerPixel } from "./mode.ts";

/** Bytes read at once when slices are decoded: bounds the memory beside the caller's array. */
const READ_BYTES = 16 * 1024 * 1024;

/** An MRC file read section by section, never whole. */
export interface MrcStack {
  readonly name: string;
  readonly header: MrcHeader;
  readonly count: number;
  readonly sizeX: number;
  readonly sizeY: number;
  /** Å per pixel in the image plane; 0 = the header does not say. */
  readonly pixelSizeA: number;
  readonly sliceBytes: number;
  /** Fills out with `count` slices from `firstSlice` (0-based), [count × sizeY × sizeX], x fastest. */
  readSlicesInto(out: Float32Array, firstSlice: number, count: number, outStart?: number): void;
  /** The stored bytes of `count` slices: to keep resident, or to decode later. */
  readSliceBytes(firstSlice: number, count: number): Uint8Array;
  /** The same into memory that is there: whole slices. */
  readSliceBytesInto(out: Uint8Array, firstSlice: number): void;
  /** Stored bytes of whole pixels to float32 at out[outStart]. */
  decodeInto(out: Float32Array, outStart: number, bytes: Uint8Array): void;
  close(): void;
}

/** Opens a stack: reads and checks the header, and that the file holds all the data. */
export function openStack(reader: ByteReader): MrcStack {
  const { name } = reader;
  const header = parseMrcHeader(reader.read(0, Math.min(MRC_HEADER_BYTES, reader.size)), name, reader.size);
  const sliceBytes = header.columns * header.rows * bytesPerPixel(header.mode);
  const slicePixels = header.columns * header.rows;

  const expectSlices = (firstSlice: number, count: number): void => {
    if (firstSlice < 0 || count < 0 || firstSlice + count > header.sections) {
      throw new DataError(
        `${name}: expected slices 1 to ${header.sections}, got ${firstSlice + 1} to ${firstSlice + count}.`,
        { where: name, sliceCount: header.sections, firstSlice, count },
      );
    }
  };
  const readSliceBytes = (firstSlice: number, count: number): Uint8Array => {
    expectSlices(firstSlice, count);
    return reader.read(header.dataOffset + firstSlice * sliceBytes, count * sliceBytes);
  };

  return {
    name,
    header,
    count: header.sections,
    sizeX: header.columns,
    sizeY: header.rows,
    pixelSizeA: header.pixelSizesA[0],
    sliceBytes,
    readSliceBytes,
    readSliceBytesInto(out, firstSlice) {
      expectSlices(firstSlice, out.length / sliceBytes);
      reader.readInto(out, header.dataOffset + firstSlice * sliceBytes);
    },
    readSlicesInto(out, firstSlice, count, outStart = 0) {
      expectSlices(firstSlice, count);
      expectRoom(`${name}: slices`, out, outStart + count * slicePixels);
      const atOnce = Math.max(1, Math.floor(READ_BYTES / sliceBytes));
      for (let done = 0; done < count; done += atOnce) {
        const take = Math.min(atOnce, count - done);
        decodePixelsInto(out, outStart + done * slicePixels, readSliceBytes(firstSlice + done, take), header);
      }
    },
    decodeInto(out, outStart, bytes) {
      decodePixelsInto(out, outStart, bytes, header);
    },
    close() {
      reader.close();
    },
  };
}
