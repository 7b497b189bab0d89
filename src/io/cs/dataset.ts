import { DataError } from "../../core/errors.ts";
import type { ByteReader } from "../bytes.ts";
import { halfTable } from "../mrc/half.ts";
import { type NpyField, type NpyHeader, parseNpyHeader } from "./npy.ts";

/** A cryoSPARC data set: records with named fields, read column by column from the bytes. */
export class CsDataset {
  readonly where: string;
  readonly header: NpyHeader;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(where: string, header: NpyHeader, bytes: Uint8Array) {
    this.where = where;
    this.header = header;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get count(): number {
    return this.header.count;
  }

  get names(): string[] {
    return this.header.fields.map((field) => field.name);
  }

  has(name: string): boolean {
    return this.header.fields.some((field) => field.name === name);
  }

  /** Elements per record of a field. */
  elementsOf(name: string): number {
    return this.#field(name).elements;
  }

  /** A numeric field, [count × elements]; integers beyond 2^53 lose digits (see `identifiers`). */
  numbers(name: string): Float64Array {
    const field = this.#field(name);
    const { count, recordBytes } = this.header;
    const out = new Float64Array(count * field.elements);
    const read = numberReader(this.#view, field, this.where);
    for (let record = 0, at = 0; record < count; record++) {
      const start = record * recordBytes + field.byteOffset;
      for (let element = 0; element < field.elements; element++, at++) out[at] = read(start + element * field.width);
    }
    return out;
  }

  /** A 64-bit integer field such as `uid`, [count]. */
  identifiers(name: string): BigUint64Array {
    const field = this.#field(name);
    if (field.width !== 8 || (field.kind !== "u" && field.kind !== "i")) {
      throw new DataError(`${this.where}: ${name}: expected 64-bit integers.`, { where: this.where, name });
    }
    const { count, recordBytes } = this.header;
    const out = new BigUint64Array(count);
    for (let record = 0; record < count; record++) {
      out[record] = this.#view.getBigUint64(record * recordBytes + field.byteOffset, field.isLittleEndian);
    }
    return out;
  }

  /** Distinct texts of a field and, per record, which of them it is. */
  internedTexts(name: string): { readonly texts: string[]; readonly index: Int32Array } {
    const field = this.#field(name);
    if (field.kind !== "S" && field.kind !== "U") {
      throw new DataError(`${this.where}: ${name}: expected text, got numbers.`, { where: this.where, name });
    }
    const { count, recordBytes } = this.header;
    const texts: string[] = [];
    const known = new Map<string, number>();
    const index = new Int32Array(count);
    for (let record = 0; record < count; record++) {
      const start = record * recordBytes + field.byteOffset;
      const text = field.kind === "S" ? this.#latin(start, field.width) : this.#utf32(start, field);
      let place = known.get(text);
      if (place === undefined) {
        place = texts.push(text) - 1;
        known.set(text, place);
      }
      index[record] = place;
    }
    return { texts, index };
  }

  #latin(start: number, width: number): string {
    let end = start + width;
    while (end > start && this.#bytes[end - 1] === 0) end--;
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  #utf32(start: number, field: NpyField): string {
    let text = "";
    for (let at = start; at < start + field.width; at += 4) {
      const point = this.#view.getUint32(at, field.isLittleEndian);
      if (point === 0) break;
      text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    }
    return text;
  }

  #field(name: string): NpyField {
    const field = this.header.fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      throw new DataError(`${this.where}: no field ${name} (fields: ${this.names.join(", ")}).`, {
        where: this.where,
        name,
      });
    }
    return field;
  }
}

/** Reads a whole .cs file. */
export function readCs(reader: ByteReader): CsDataset {
  const header = parseNpyHeader(reader);
  return new CsDataset(reader.name, header, reader.read(header.dataOffset, header.count * header.recordBytes));
}

function numberReader(view: DataView, field: NpyField, where: string): (offset: number) => number {
  const little = field.isLittleEndian;
  switch (`${field.kind}${field.width}`) {
    case "b1":
    case "u1":
      return (offset) => view.getUint8(offset);
    case "i1":
      return (offset) => view.getInt8(offset);
    case "u2":
      return (offset) => view.getUint16(offset, little);
    case "i2":
      return (offset) => view.getInt16(offset, little);
    case "u4":
      return (offset) => view.getUint32(offset, little);
    case "i4":
      return (offset) => view.getInt32(offset, little);
    case "u8":
      return (offset) => Number(view.getBigUint64(offset, little));
    case "i8":
      return (offset) => Number(view.getBigInt64(offset, little));
    case "f2":
      return (offset) => halfTable()[view.getUint16(offset, little)] as number;
    case "f4":
      return (offset) => view.getFloat32(offset, little);
    case "f8":
      return (offset) => view.getFloat64(offset, little);
    default:
      throw new DataError(`${where}: ${field.name}: expected numbers, got text.`, { where, name: field.name });
  }
}
