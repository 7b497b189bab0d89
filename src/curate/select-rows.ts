import { DataError } from "../core/errors.ts";
import type { StarTable } from "../io/star/table.ts";
import { readNames } from "../particles/image-names.ts";
import { namePattern } from "./name-pattern.ts";
import { type NameList, plainImageName } from "./names-in-file.ts";
import { expectColumn } from "./particle-document.ts";

/** Conditions that a row must meet; null, 0 and false ask for nothing. */
export interface ParticleSelection {
  readonly score: { readonly label: string; readonly min: number | null; readonly max: number | null };
  /** Å, of (U + V) / 2. */
  readonly defocusA: readonly [low: number, high: number] | null;
  readonly micrograph: string | null;
  readonly half: number;
  readonly classNumber: number;
  readonly names: NameList | null;
  readonly isDistinct: boolean;
}

export interface SelectedRows {
  readonly kept: Int32Array;
  /** Rows that each condition by itself leaves out. */
  readonly refused: readonly { readonly condition: string; readonly count: number }[];
}

interface Condition {
  readonly name: string;
  readonly isMet: (row: number) => boolean;
}

/** @param isInverted  the rows that do not meet all conditions */
export function selectRows(table: StarTable, selection: ParticleSelection, isInverted: boolean): SelectedRows {
  const conditions = conditionsOf(table, selection);
  const counts = conditions.map(() => 0);
  const kept: number[] = [];
  for (let row = 0; row < table.rowCount; row++) {
    let isKept = true;
    conditions.forEach((condition, i) => {
      if (condition.isMet(row)) return;
      counts[i]!++;
      isKept = false;
    });
    if (isKept !== isInverted) kept.push(row);
  }
  return {
    kept: Int32Array.from(kept),
    refused: conditions.map(({ name }, i) => ({ condition: name, count: counts[i]! })),
  };
}

function conditionsOf(table: StarTable, selection: ParticleSelection): Condition[] {
  const { score, defocusA, micrograph, half, classNumber, names, isDistinct } = selection;
  const conditions: Condition[] = [];
  const add = (name: string, isMet: (row: number) => boolean) => conditions.push({ name, isMet });
  const numbers = (label: string, askedBy: string) => {
    expectColumn(table, label, askedBy);
    return table.numbers(label);
  };
  if (score.min !== null || score.max !== null) {
    const values = numbers(score.label, score.min !== null ? "--min-score" : "--max-score");
    const { min, max } = score;
    // Written so that a score that is not a number is left out.
    if (min !== null) add(`${score.label} ≥ ${min}`, (row) => values[row]! >= min);
    if (max !== null) add(`${score.label} ≤ ${max}`, (row) => values[row]! <= max);
  }
  if (defocusA !== null) {
    const u = numbers("rlnDefocusU", "--defocus");
    const v = numbers("rlnDefocusV", "--defocus");
    const [low, high] = defocusA;
    add(`defocus ${low} … ${high} Å`, (row) => {
      const mean = (u[row]! + v[row]!) / 2;
      return mean >= low && mean <= high;
    });
  }
  if (micrograph !== null) {
    const fits = namePattern(micrograph);
    const isMet = byDistinctName(table, "rlnMicrographName", "--micrograph", fits);
    add(`micrograph ${micrograph}`, isMet);
  }
  if (half > 0) {
    const halves = numbers("rlnRandomSubset", "--half");
    add(`half-set ${half}`, (row) => halves[row] === half);
  }
  if (classNumber > 0) {
    const classes = numbers("rlnClassNumber", "--class");
    add(`class ${classNumber}`, (row) => classes[row] === classNumber);
  }
  if (names !== null) add(`list ${names.where}`, inList(table, names));
  if (isDistinct) add("first row of its image", firstOfImage(table));
  return conditions;
}

/** A test of a text column, made once per distinct text. */
function byDistinctName(
  table: StarTable,
  label: string,
  askedBy: string,
  fits: (name: string) => boolean,
): (row: number) => boolean {
  expectColumn(table, label, askedBy);
  const { names, index } = readNames(table, label);
  const isFitting = names.map(fits);
  return (row) => isFitting[index[row]!]!;
}

function inList(table: StarTable, names: NameList): (row: number) => boolean {
  const inImages =
    names.images.size === 0
      ? () => false
      : (row: number) => names.images.has(plainImageName(table.text("rlnImageName", row)));
  if (names.micrographs.size === 0) return inImages;
  if (!table.has("rlnMicrographName")) {
    throw new DataError(
      `${names.where}: names micrographs, but ${table.where} has no column rlnMicrographName. List image names (000001@stack.mrcs).`,
      { where: names.where },
    );
  }
  const inMicrographs = byDistinctName(table, "rlnMicrographName", "--list", (name) => names.micrographs.has(name));
  return (row) => inMicrographs(row) || inImages(row);
}

function firstOfImage(table: StarTable): (row: number) => boolean {
  const { index } = readNames(table, "rlnImageName");
  const isFirst = new Uint8Array(table.rowCount);
  const seen = new Uint8Array(table.rowCount);
  index.forEach((name, row) => {
    if (seen[name] === 1) return;
    seen[name] = 1;
    isFirst[row] = 1;
  });
  return (row) => isFirst[row] === 1;
}
