import { DataError } from "../../core/errors.ts";
import { fieldEnd, HASH, isBlank, lineNumber, NEWLINE, UNCLOSED_QUOTE } from "./scan.ts";

/**
 * Where every field of a loop lies in the file: one offset per row and, per field, its distance from the row's start.
 * Two bytes a field unless a row is longer than 64 KiB.
 */
export class RowIndex {
  readonly columnCount: number;
  #rowStarts: Float64Array;
  #fieldOffsets: Uint16Array | Uint32Array;
  #count = 0;

  constructor(columnCount: number, expectedRows: number) {
    this.columnCount = columnCount;
    const capacity = Math.max(4, expectedRows);
    this.#rowStarts = new Float64Array(capacity);
    this.#fieldOffsets = new Uint16Array(capacity * columnCount);
  }

  get count(): number {
    return this.#count;
  }

  rowStart(row: number): number {
    return this.#rowStarts[row] as number;
  }

  fieldStart(row: number, column: number): number {
    return (this.#rowStarts[row] as number) + (this.#fieldOffsets[row * this.columnCount + column] as number);
  }

  /** Records a row's fields; starts[0…columnCount) are absolute offsets. */
  append(starts: Float64Array): void {
    if (this.#count === this.#rowStarts.length) this.#grow();
    const rowStart = starts[0] as number;
    const last = (starts[this.columnCount - 1] as number) - rowStart;
    if (last > 0xffff && this.#fieldOffsets instanceof Uint16Array) {
      this.#fieldOffsets = Uint32Array.from(this.#fieldOffsets);
    }
    this.#rowStarts[this.#count] = rowStart;
    const base = this.#count * this.columnCount;
    for (let column = 0; column < this.columnCount; column++) {
      this.#fieldOffsets[base + column] = (starts[column] as number) - rowStart;
    }
    this.#count++;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#rowStarts.length * 1.6);
    const rowStarts = new Float64Array(capacity);
    rowStarts.set(this.#rowStarts);
    this.#rowStarts = rowStarts;
    const Offsets = this.#fieldOffsets instanceof Uint16Array ? Uint16Array : Uint32Array;
    const fieldOffsets = new Offsets(capacity * this.columnCount);
    fieldOffsets.set(this.#fieldOffsets);
    this.#fieldOffsets = fieldOffsets;
  }
}

/**
 * Splits one line into fields. A field that starts with # begins a comment.
 *
 * @param starts  receives the absolute offsets of the first `starts.length` fields
 * @returns number of fields, which may exceed starts.length
 */
export function splitLine(
  starts: Float64Array,
  bytes: Uint8Array,
  lineStart: number,
  end: number,
  where: string,
): number {
  let count = 0;
  let at = lineStart;
  while (at < end) {
    const byte = bytes[at] as number;
    if (isBlank(byte)) {
      at++;
      continue;
    }
    if (byte === HASH) break;
    if (count < starts.length) starts[count] = at;
    count++;
    at = fieldEnd(bytes, at, end);
    if (at === UNCLOSED_QUOTE) throw unclosedQuote(bytes, lineStart, where);
  }
  return count;
}

function unclosedQuote(bytes: Uint8Array, lineStart: number, where: string): DataError {
  const line = lineNumber(bytes, lineStart);
  return new DataError(`${where}:${line}: a quoted value is not closed before the end of the line.`, { where, line });
}

/** Number of newlines in [start, end) estimated from the first line's length: the first size of an index. */
export function estimateRows(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes.indexOf(NEWLINE, start);
  const lineBytes = Math.max(1, (first < 0 ? end : first) - start + 1);
  return Math.min(Math.ceil((1.05 * (end - start)) / lineBytes), Math.ceil((end - start) / 2)) + 4;
}
