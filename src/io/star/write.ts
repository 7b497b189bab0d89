import { DataError } from "../../core/errors.ts";
import type { StarBlock, StarDocument } from "./document.ts";
import { labelMeaning } from "./labels.ts";
import { bytesOf, fieldEnd, isBlank } from "./scan.ts";
import type { StarColumn, StarSource, StarTable } from "./table.ts";

const CHUNK_BYTES = 1 << 20;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const TAB = 0x09;

/** The file of a document in chunks. Values read from a file are copied byte for byte. */
export function* encodeStar(document: StarDocument): Generator<Uint8Array> {
  for (const block of document.blocks) {
    yield bytesOf(blockHead(block));
    if (block.isLoop) yield* encodeRows(block.table);
    else yield bytesOf(pairLines(block.table));
  }
  if (document.trailingComments.length > 0) yield bytesOf(`\n${document.trailingComments.join("\n")}\n`);
}

/** The whole file as one text: for small documents and tests. */
export function starText(document: StarDocument): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const chunk of encodeStar(document)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

function blockHead(block: StarBlock): string {
  let head = "\n";
  if (block.comments.length > 0) head += `${block.comments.join("\n")}\n\n`;
  if (!block.isContinuation) head += `data_${block.name}\n\n`;
  if (!block.isLoop) return head;
  head += "loop_\n";
  block.table.labels.forEach((label, index) => {
    head += `_${label} #${index + 1}\n`;
  });
  return head;
}

function pairLines(table: StarTable): string {
  if (table.rowCount === 0) return "";
  return `${table.columns.map((column) => `_${column.label.padEnd(35)} ${valueText(column, table, 0)}`).join("\n")}\n`;
}

/** Neighbouring fields of the source, copied with the spacing between them, or one column made in memory. */
type ColumnRun = { readonly first: number; readonly last: number } | StarColumn;

function columnRuns(columns: readonly StarColumn[]): ColumnRun[] {
  const runs: ColumnRun[] = [];
  for (const column of columns) {
    const before = runs.at(-1);
    if (!("field" in column)) runs.push(column);
    else if (before !== undefined && "last" in before && before.last + 1 === column.field) {
      runs[runs.length - 1] = { first: before.first, last: column.field };
    } else runs.push({ first: column.field, last: column.field });
  }
  return runs;
}

function* encodeRows(table: StarTable): Generator<Uint8Array> {
  const runs = columnRuns(table.columns);
  let chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  for (let row = 0; row < table.rowCount; row++) {
    for (const run of runs) {
      const bytes = runBytes(run, table, row);
      if (used + bytes.length + 1 > chunk.length) {
        yield chunk.subarray(0, used);
        chunk = new Uint8Array(Math.max(CHUNK_BYTES, bytes.length + 1));
        used = 0;
      }
      chunk.set(bytes, used);
      used += bytes.length;
      chunk[used++] = SPACE;
    }
    chunk[used - 1] = LINE_FEED;
  }
  if (used > 0) yield chunk.subarray(0, used);
}

function runBytes(run: ColumnRun, table: StarTable, row: number): Uint8Array {
  if (!("last" in run)) return bytesOf(valueText(run, table, row));
  const { bytes, rows } = table.source as StarSource;
  const sourceRow = table.sourceRow(row);
  const end = fieldEnd(bytes, rows.fieldStart(sourceRow, run.last), bytes.length);
  return bytes.subarray(rows.fieldStart(sourceRow, run.first), end);
}

/** A value made in memory, as it stands in the file. */
function valueText(column: StarColumn, table: StarTable, row: number): string {
  if ("numbers" in column) {
    const value = column.numbers[row] as number;
    if (!Number.isFinite(value)) {
      throw new DataError(`${table.placeOf(row)}: ${column.label}: expected a finite number to write, got ${value}.`);
    }
    return formatNumber(value, column.kind ?? labelMeaning(column.label).kind);
  }
  return quoted(table.text(column.label, row), `${table.placeOf(row)}: ${column.label}`);
}

/** Six decimals, or six digits in exponent form where six decimals would lose the number. */
export function formatNumber(value: number, kind: "real" | "integer" | "text"): string {
  if (kind === "integer") return String(Math.round(value));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(6);
  return value.toFixed(6);
}

/** Text as one field: quoted where a reader would otherwise split it, drop it or take it for a keyword. */
export function quoted(text: string, place: string): string {
  if (text !== "" && !/^["'#_]|^(data_|loop_)/.test(text) && !has(text, isBlank)) return text;
  // A tab may stand inside quotes; a line's end or another control character may not.
  if (has(text, (code) => code < SPACE && code !== TAB)) {
    throw new DataError(`${place}: expected text of one line, got ${JSON.stringify(text)}.`);
  }
  for (const quote of ['"', "'"]) {
    // A quote inside closes the field only before a blank or at its end.
    if (!text.includes(`${quote} `) && !text.includes(`${quote}\t`) && !text.endsWith(quote)) {
      return quote + text + quote;
    }
  }
  throw new DataError(`${place}: text with both kinds of closing quotes cannot be written: ${text}`);
}

function has(text: string, isWanted: (code: number) => boolean): boolean {
  for (let i = 0; i < text.length; i++) if (isWanted(text.charCodeAt(i))) return true;
  return false;
}
