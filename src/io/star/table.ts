import { DataError } from "../../core/errors.ts";
import { ProblemList } from "../../core/problems.ts";
import { isNumberText, parseNumber } from "./number.ts";
import type { RowIndex } from "./rows.ts";
import { bytesOf, DOUBLE_QUOTE, fieldEnd, fieldText, lineNumber, SINGLE_QUOTE } from "./scan.ts";

/** Bytes of a file and where its fields lie in them. */
export interface StarSource {
  readonly where: string;
  readonly bytes: Uint8Array;
  readonly rows: RowIndex;
}

/** A column made in memory. `label` has no underscore. */
export type StarColumnData =
  | { readonly label: string; readonly numbers: ArrayLike<number>; readonly kind?: "real" | "integer" }
  | { readonly label: string; readonly texts: readonly string[] };

/** Where a column's values are: field `field` of the source, or in memory. */
export type StarColumn = { readonly label: string; readonly field: number } | StarColumnData;

/** Receives a value without its quotes: bytes[start, end). */
export type FieldVisitor = (bytes: Uint8Array, start: number, end: number, row: number) => void;

/** A table of a STAR block, columnar and lazy: values are read from the file's bytes when a column is asked for. */
export class StarTable {
  readonly where: string;
  readonly rowCount: number;
  readonly columns: readonly StarColumn[];
  readonly source: StarSource | undefined;
  /** Rows of the source in use, in order; undefined = all. */
  readonly selection: Int32Array | undefined;
  readonly #byLabel = new Map<string, StarColumn>();
  readonly #numbers = new Map<string, Float64Array>();

  constructor(
    where: string,
    rowCount: number,
    columns: readonly StarColumn[],
    source?: StarSource,
    selection?: Int32Array,
  ) {
    this.where = where;
    this.rowCount = rowCount;
    this.columns = columns;
    this.source = source;
    this.selection = selection;
    for (const column of columns) {
      if (this.#byLabel.has(column.label)) {
        throw new DataError(`${where}: the column _${column.label} appears twice in one table.`, { where });
      }
      this.#byLabel.set(column.label, column);
    }
  }

  get labels(): string[] {
    return this.columns.map((column) => column.label);
  }

  has(label: string): boolean {
    return this.#byLabel.has(label);
  }

  /** Line of the file that a row stands on, undefined for rows made in memory. */
  lineOf(row: number): number | undefined {
    if (this.source === undefined) return undefined;
    return lineNumber(this.source.bytes, this.source.rows.rowStart(this.sourceRow(row)));
  }

  /** "particles.star:1042", the start of every message about a row. */
  placeOf(row: number): string {
    const line = this.lineOf(row);
    return line === undefined ? `${this.where}: row ${row + 1}` : `${this.where}:${line}`;
  }

  sourceRow(row: number): number {
    return this.selection === undefined ? row : (this.selection[row] as number);
  }

  /** A column as numbers, [rowCount], parsed once and shared: do not write to it. DataError where text stands. */
  numbers(label: string): Float64Array {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    const values = new Float64Array(this.rowCount);
    const column = this.#column(label);
    if ("numbers" in column) {
      for (let row = 0; row < this.rowCount; row++) values[row] = column.numbers[row] as number;
    } else {
      const problems = new ProblemList(this.where);
      this.eachField(label, (bytes, start, end, row) => {
        const value = parseNumber(bytes, start, end);
        values[row] = value;
        if (Number.isNaN(value) && !isNumberText(fieldText(bytes, start, end))) {
          problems.add(
            () => `${this.placeOf(row)}: ${label}: expected a number, got "${fieldText(bytes, start, end)}".`,
          );
        }
      });
      problems.throwIfAny();
    }
    this.#numbers.set(label, values);
    return values;
  }

  /** One value as text, without its quotes. */
  text(label: string, row: number): string {
    const column = this.#column(label);
    if ("texts" in column) return column.texts[row] as string;
    if ("numbers" in column) return String(column.numbers[row]);
    const { bytes, rows } = this.source as StarSource;
    const start = rows.fieldStart(this.sourceRow(row), column.field);
    return fieldText(bytes, start, fieldEnd(bytes, start, bytes.length));
  }

  /** A column as texts, [rowCount]. */
  texts(label: string): string[] {
    return Array.from({ length: this.rowCount }, (_, row) => this.text(label, row));
  }

  /** Visits the bytes of every value of a column in row order: for columns too long for one string per row. */
  eachField(label: string, visit: FieldVisitor): void {
    const column = this.#column(label);
    if (!("field" in column)) {
      for (let row = 0; row < this.rowCount; row++) {
        const bytes = bytesOf(this.text(label, row));
        visit(bytes, 0, bytes.length, row);
      }
      return;
    }
    if (this.rowCount === 0) return;
    const { bytes, rows } = this.source as StarSource;
    for (let row = 0; row < this.rowCount; row++) {
      const start = rows.fieldStart(this.sourceRow(row), column.field);
      const end = fieldEnd(bytes, start, bytes.length);
      const first = bytes[start];
      const isQuoted = end - start >= 2 && (first === DOUBLE_QUOTE || first === SINGLE_QUOTE);
      if (isQuoted) visit(bytes, start + 1, end - 1, row);
      else visit(bytes, start, end, row);
    }
  }

  /** The same rows with columns replaced (in place) or appended (in the order given). */
  withColumns(changes: readonly StarColumnData[]): StarTable {
    for (const change of changes) {
      const length = "texts" in change ? change.texts.length : change.numbers.length;
      if (length !== this.rowCount) {
        throw new DataError(`${this.where}: column ${change.label}: expected ${this.rowCount} values, got ${length}.`);
      }
    }
    const changed = new Map(changes.map((change) => [change.label, change]));
    const kept = this.columns.map((column) => changed.get(column.label) ?? column);
    const added = changes.filter((change) => !this.has(change.label));
    return new StarTable(this.where, this.rowCount, [...kept, ...added], this.source, this.selection);
  }

  withoutColumns(labels: readonly string[]): StarTable {
    const kept = this.columns.filter((column) => !labels.includes(column.label));
    return new StarTable(this.where, this.rowCount, kept, this.source, this.selection);
  }

  /** A table of some rows, in the order given. */
  selectRows(rows: ArrayLike<number>): StarTable {
    const pick = Int32Array.from(rows);
    const columns = this.columns.map((column): StarColumn => {
      if ("texts" in column) return { ...column, texts: Array.from(pick, (row) => column.texts[row] as string) };
      if ("numbers" in column)
        return { ...column, numbers: Float64Array.from(pick, (row) => column.numbers[row] ?? 0) };
      return column;
    });
    return new StarTable(
      this.where,
      pick.length,
      columns,
      this.source,
      this.source === undefined ? undefined : pick.map((row) => this.sourceRow(row)),
    );
  }

  #column(label: string): StarColumn {
    const column = this.#byLabel.get(label);
    if (column === undefined) {
      throw new DataError(`${this.where}: no column _${label} (columns: ${this.labels.join(", ")}).`, {
        where: this.where,
        label,
      });
    }
    return column;
  }
}

/** A table made in memory; all columns have the same length. */
export function makeStarTable(where: string, columns: readonly StarColumnData[]): StarTable {
  const first = columns[0];
  const rowCount = first === undefined ? 0 : "texts" in first ? first.texts.length : first.numbers.length;
  return new StarTable(where, rowCount, []).withColumns(columns);
}
