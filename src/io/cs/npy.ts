import { DataError } from "../../core/errors.ts";
import type { ByteReader } from "../bytes.ts";
import { type Literal, parseLiteral } from "./literal.ts";

/** One field of a numpy structured array. */
export interface NpyField {
  readonly name: string;
  /** i, u, f: numbers; S: bytes; U: UTF-32 text; b: boolean. */
  readonly kind: "i" | "u" | "f" | "S" | "U" | "b";
  readonly isLittleEndian: boolean;
  /** Bytes of one element. */
  readonly width: number;
  /** Elements per record (1 for a scalar). */
  readonly elements: number;
  readonly shape: readonly number[];
  /** From the record's start. */
  readonly byteOffset: number;
}

export interface NpyHeader {
  readonly fields: readonly NpyField[];
  readonly recordBytes: number;
  readonly count: number;
  readonly dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Real headers are a few KiB. */
const MAX_HEADER_BYTES = 1 << 22;

/** Reads the header of a numpy .npy file (versions 1 to 3) that holds a one-dimensional structured array. */
export function parseNpyHeader(reader: ByteReader): NpyHeader {
  const { name } = reader;
  const start = reader.read(0, Math.min(12, reader.size));
  if (start.length < 12 || MAGIC.some((byte, i) => start[i] !== byte)) {
    throw new DataError(`${name}: not a cryoSPARC .cs file: it does not start with the numpy mark \\x93NUMPY.`, {
      where: name,
    });
  }
  const isLong = (start[6] as number) >= 2;
  const view = new DataView(start.buffer, start.byteOffset);
  const headerBytes = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const headerStart = isLong ? 12 : 10;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new DataError(`${name}: expected a .npy header below ${MAX_HEADER_BYTES} bytes, got ${headerBytes}.`);
  }
  const text = new TextDecoder().decode(reader.read(headerStart, headerBytes));
  const literal = parseLiteral(text.trim(), name);
  if (!isRecord(literal)) throw new DataError(`${name}: .npy header: expected a dictionary.`, { where: name });
  const shape = literal["shape"];
  const count = Array.isArray(shape) && shape.length === 1 ? shape[0] : undefined;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    throw new DataError(`${name}: expected a one-dimensional array of records, got shape ${JSON.stringify(shape)}.`);
  }
  const fields = parseFields(literal["descr"], name);
  const last = fields.at(-1);
  const recordBytes = last === undefined ? 0 : last.byteOffset + last.width * last.elements;
  const dataOffset = headerStart + headerBytes;
  const expectedBytes = dataOffset + recordBytes * count;
  if (reader.size < expectedBytes) {
    throw new DataError(
      `${name}: truncated: expected ${expectedBytes} bytes (${count} records of ${recordBytes}), got ${reader.size}. ` +
        "Copy or export the file again.",
      { where: name, expectedBytes, actualBytes: reader.size },
    );
  }
  return { fields, recordBytes, count, dataOffset };
}

function parseFields(descr: Literal | undefined, where: string): NpyField[] {
  if (!Array.isArray(descr)) {
    throw new DataError(`${where}: expected a structured array with named fields, got ${JSON.stringify(descr)}.`);
  }
  let byteOffset = 0;
  return descr.map((entry) => {
    const [name, type, shape] = Array.isArray(entry) ? entry : [];
    const match = typeof type === "string" ? /^([<>|=])?([iufSUb])(\d{1,6})$/.exec(type) : null;
    const dimensions = shape === undefined ? [] : Array.isArray(shape) ? shape : [shape];
    const isShape = dimensions.every((size) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0);
    if (typeof name !== "string" || match === null || !isShape) {
      throw new DataError(`${where}: .npy header: field not understood: ${JSON.stringify(entry)}.`, { where });
    }
    const kind = match[2] as NpyField["kind"];
    const units = Number(match[3]);
    const allowed = kind === "f" ? [2, 4, 8] : kind === "i" || kind === "u" ? [1, 2, 4, 8] : kind === "b" ? [1] : [];
    if (allowed.length > 0 && !allowed.includes(units)) {
      throw new DataError(`${where}: field ${name}: type ${type} is not supported.`, { where, name });
    }
    const elements = (dimensions as number[]).reduce((product, size) => product * size, 1);
    const width = kind === "U" ? 4 * units : units;
    const field: NpyField = {
      name,
      kind,
      isLittleEndian: match[1] !== ">",
      width,
      elements,
      shape: dimensions as number[],
      byteOffset,
    };
    byteOffset += width * elements;
    return field;
  });
}

function isRecord(value: Literal): value is { [key: string]: Literal } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
