import type { ProblemList } from "../core/problems.ts";
import { ByteInterner } from "../io/star/intern.ts";
import type { StarTable } from "../io/star/table.ts";

const AT_SIGN = 0x40;

export interface ImageNames {
  readonly stackPaths: readonly string[];
  readonly imageStack: Int32Array;
  readonly imageSlice: Int32Array;
}

/**
 * Reads rlnImageName: "000001@stack.mrcs", the image counted from 1; without an @, the only image of a file.
 */
export function readImageNames(table: StarTable, problems: ProblemList): ImageNames {
  const imageStack = new Int32Array(table.rowCount);
  const imageSlice = new Int32Array(table.rowCount);
  const paths = new ByteInterner();
  table.eachField("rlnImageName", (bytes, start, end, row) => {
    let at = start;
    while (at < end && bytes[at] !== AT_SIGN) at++;
    if (at === end) {
      imageStack[row] = paths.intern(bytes, start, end);
      if (end === start) problems.add(() => `${table.placeOf(row)}: rlnImageName is empty.`);
      return;
    }
    const number = imageNumber(bytes, start, at);
    if (number < 1 || at + 1 === end) {
      problems.add(() => imageNameProblem(table, row, number));
      return;
    }
    imageSlice[row] = number - 1;
    imageStack[row] = paths.intern(bytes, at + 1, end);
  });
  return { stackPaths: paths.texts, imageStack, imageSlice };
}

function imageNameProblem(table: StarTable, row: number, number: number): string {
  const name = table.text("rlnImageName", row);
  const remedy = number === 0 ? " Images are counted from 1: add 1 to every number." : "";
  return `${table.placeOf(row)}: rlnImageName: expected NUMBER@STACK with a number of 1 or more, got ${name}.${remedy}`;
}

/** Decimal digits in bytes[start, end), −1 when anything else stands there or the number is beyond 2^31. */
function imageNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 12) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number < 0x7fffffff ? number : -1;
}

/** A text column as distinct names and an index into them. */
export function readNames(table: StarTable, label: string): { names: readonly string[]; index: Int32Array } {
  const index = new Int32Array(table.rowCount);
  const names = new ByteInterner();
  table.eachField(label, (bytes, start, end, row) => {
    index[row] = names.intern(bytes, start, end);
  });
  return { names: names.texts, index };
}
