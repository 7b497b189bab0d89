import { DataError } from "../../core/errors.ts";
import { ProblemList } from "../../core/problems.ts";
import type { StarBlock, StarDocument } from "./document.ts";
import { estimateRows, RowIndex, splitLine } from "./rows.ts";
import { fieldEnd, fieldText, HASH, lineEnd, lineNumber, skipBlanks, textOf, UNDERSCORE } from "./scan.ts";
import { makeStarTable, StarTable } from "./table.ts";

/** Fields counted on a line that should hold one label and one value. */
const PAIR_FIELDS = 4;
const LETTER_D = 0x64;
const LETTER_L = 0x6c;

/**
 * Parses a STAR file: `data_` blocks of `loop_` tables and label–value pairs, quoted values, comments, CR LF.
 * One row of a loop is one line; blank lines and comments between rows are allowed.
 *
 * @param bytes  the whole file; kept, because columns are read from it when asked for
 * @param where  the file's name, for messages
 */
export function parseStar(bytes: Uint8Array, where: string): StarDocument {
  return new StarParser(bytes, where).parse();
}

interface OpenTable {
  readonly labels: string[];
  /** Values of a pairs table, in label order; empty for a loop. */
  readonly values: string[];
  readonly isLoop: boolean;
  rows: RowIndex | undefined;
}

class StarParser {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  readonly #problems: ProblemList;
  readonly #blocks: StarBlock[] = [];
  #comments: string[] = [];
  #blockComments: string[] = [];
  #blockName: string | undefined;
  #tablesInBlock = 0;
  #open: OpenTable | undefined;
  #starts = new Float64Array(PAIR_FIELDS);

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#where = where;
    this.#problems = new ProblemList(where);
  }

  parse(): StarDocument {
    const bytes = this.#bytes;
    const size = bytes.length;
    for (let lineStart = 0, end = 0; lineStart < size; lineStart = end + 1) {
      end = lineEnd(bytes, lineStart, size);
      const at = skipBlanks(bytes, lineStart, end);
      if (at === end) continue;
      if (bytes[at] === HASH) this.#comments.push(textOf(bytes, at, end).trimEnd());
      else this.#line(at, end);
    }
    this.#closeBlock();
    this.#problems.throwIfAny();
    if (this.#blocks.length === 0) {
      throw new DataError(`${this.#where}: not a STAR file: no line starts with data_.`, { where: this.#where });
    }
    return { where: this.#where, blocks: this.#blocks, trailingComments: this.#comments };
  }

  #line(at: number, end: number): void {
    const first = this.#bytes[at] as number;
    if (first === UNDERSCORE) this.#label(at, end);
    else if (first === LETTER_D && this.#isKeyword("data_", at, end)) this.#openBlock(at, end);
    else if (first === LETTER_L && this.#isKeyword("loop_", at, end)) this.#openLoop(at);
    else this.#row(at, end);
  }

  /** True for a line that starts with the keyword and holds one field: a row may start with "data_x/y.mrc" too. */
  #isKeyword(keyword: string, at: number, end: number): boolean {
    for (let i = 0; i < keyword.length; i++) {
      if (this.#bytes[at + i] !== keyword.charCodeAt(i)) return false;
    }
    const fields = splitLine(this.#starts.subarray(0, 1), this.#bytes, at, end, this.#where);
    return fields === 1 || this.#open === undefined || this.#open.labels.length !== fields;
  }

  #openBlock(at: number, end: number): void {
    this.#closeBlock();
    this.#blockName = textOf(this.#bytes, at + 5, Math.max(at + 5, fieldEnd(this.#bytes, at, end)));
    this.#blockComments = this.#comments;
    this.#comments = [];
  }

  #openLoop(at: number): void {
    if (this.#blockName === undefined) throw this.#problem(at, "expected a data_ line before loop_.");
    this.#closeTable();
    this.#open = { labels: [], values: [], isLoop: true, rows: undefined };
  }

  #label(at: number, end: number): void {
    if (this.#blockName === undefined) throw this.#problem(at, "expected a data_ line before the first label.");
    // A label after the rows of a loop begins a table of pairs.
    if (this.#open?.rows !== undefined) this.#closeTable();
    this.#open ??= { labels: [], values: [], isLoop: false, rows: undefined };
    const starts = this.#starts.subarray(0, PAIR_FIELDS);
    const fields = splitLine(starts, this.#bytes, at, end, this.#where);
    const label = textOf(this.#bytes, at + 1, fieldEnd(this.#bytes, at, end));
    const expected = this.#open.isLoop ? 1 : 2;
    if (fields > expected) {
      const what = this.#open.isLoop ? "only a label" : "one value (quote it if it has spaces)";
      throw this.#problem(at, `_${label}: expected ${what}, got ${fields - 1} further fields.`);
    }
    if (this.#open.labels.includes(label)) throw this.#problem(at, `the label _${label} appears twice in one table.`);
    this.#open.labels.push(label);
    if (this.#open.isLoop) return;
    const valueStart = starts[1] as number;
    // A label without a value has the empty text: programs write unset options so.
    const value = fields < 2 ? "" : fieldText(this.#bytes, valueStart, fieldEnd(this.#bytes, valueStart, end));
    this.#open.values.push(value);
  }

  #row(at: number, end: number): void {
    const open = this.#open;
    if (open === undefined || !open.isLoop || open.labels.length === 0) {
      throw this.#problem(at, "expected data_, loop_ or a _label, got a value. Is a loop_ line missing?");
    }
    const columnCount = open.labels.length;
    if (open.rows === undefined) {
      open.rows = new RowIndex(columnCount, estimateRows(this.#bytes, at, this.#bytes.length));
      this.#starts = new Float64Array(Math.max(PAIR_FIELDS, columnCount));
    }
    const starts = this.#starts;
    const fields = splitLine(starts, this.#bytes, at, end, this.#where);
    if (fields === columnCount) {
      open.rows.append(starts);
    } else {
      this.#problems.add(
        () =>
          `${this.#where}:${lineNumber(this.#bytes, at)}: expected ${columnCount} values (one a column), got ${fields}.`,
      );
    }
  }

  #closeBlock(): void {
    if (this.#blockName === undefined) return;
    this.#closeTable();
    if (this.#tablesInBlock === 0) {
      this.#push({ labels: [], values: [], isLoop: false, rows: undefined });
    }
    this.#blockName = undefined;
    this.#tablesInBlock = 0;
  }

  #closeTable(): void {
    if (this.#open !== undefined) this.#push(this.#open);
    this.#open = undefined;
  }

  #push(open: OpenTable): void {
    const isContinuation = this.#tablesInBlock > 0;
    this.#blocks.push({
      name: this.#blockName ?? "",
      isLoop: open.isLoop,
      isContinuation,
      comments: isContinuation ? [] : this.#blockComments,
      table: this.#tableOf(open),
    });
    this.#tablesInBlock++;
  }

  #tableOf({ labels, values, rows, isLoop }: OpenTable): StarTable {
    if (!isLoop) {
      return makeStarTable(
        this.#where,
        labels.map((label, index) => ({ label, texts: [values[index] as string] })),
      );
    }
    const columns = labels.map((label, field) => ({ label, field }));
    if (rows === undefined) return new StarTable(this.#where, 0, columns);
    return new StarTable(this.#where, rows.count, columns, { where: this.#where, bytes: this.#bytes, rows });
  }

  #problem(at: number, sentence: string): DataError {
    const line = lineNumber(this.#bytes, at);
    return new DataError(`${this.#where}:${line}: ${sentence}`, { where: this.#where, line });
  }
}
