import type { ProblemList } from "../core/problems.ts";
import type { StarTable } from "../io/star/table.ts";
import { ABERRATION_LABELS } from "./read-aberrations.ts";

/** A column whose value, other than `neutral`, changes the images in a way that is not modelled. */
interface UnsupportedColumn {
  readonly neutral: number;
  readonly meaning: string;
  readonly remedy: string;
}

const AGAIN = "Extract the particles again without it.";

/** Columns that are not applied wherever they stand. */
const NUMBERS: Readonly<Record<string, UnsupportedColumn>> = {
  rlnCtfDataArePhaseFlipped: { neutral: 0, meaning: "images with flipped phases", remedy: AGAIN },
  rlnConvergenceCone: { neutral: 0, meaning: "a damping of the CTF by the beam's convergence", remedy: "Set it to 0." },
  rlnLongitudinalDisplacement: { neutral: 0, meaning: "a damping of the CTF by movement", remedy: "Set it to 0." },
  rlnTransversalDisplacement: { neutral: 0, meaning: "a damping of the CTF by movement", remedy: "Set it to 0." },
};

/** Rounding of the values that programs write for "none". */
const NEUTRAL_TOLERANCE = 1e-6;

/**
 * Reports by name every value of the rows in use that the image model here does not apply.
 *
 * @param isUsed  rows that matter (an optics group without particles does not)
 * @param applied  labels of the optics that are read from this table
 * @param mayIgnoreAberrations  leaves out what only blurs the map at high resolution
 */
export function refuseUnsupported(
  table: StarTable,
  isUsed: (row: number) => boolean,
  applied: readonly string[],
  mayIgnoreAberrations: boolean,
  problems: ProblemList,
): void {
  for (const [label, { neutral, meaning, remedy }] of Object.entries(NUMBERS)) {
    eachValue(table, label, isUsed, (row, value) => {
      if (Math.abs(value - neutral) <= NEUTRAL_TOLERANCE) return;
      problems.add(() => `${table.placeOf(row)}: ${label} is ${value}: ${meaning} is not modelled. ${remedy}`);
    });
  }
  const misplaced = [...ABERRATION_LABELS, "rlnCtfDataAreCtfPremultiplied"].filter((label) => !applied.includes(label));
  for (const label of misplaced) {
    if (!table.has(label) || mayIgnoreAberrations) continue;
    for (let row = 0; row < table.rowCount; row++) {
      const text = table.text(label, row);
      const neutral = label === "rlnMagMat00" || label === "rlnMagMat11" ? 1 : 0;
      const isNeutral = text
        .split(/[[\],\s]+/)
        .every((item) => item === "" || Math.abs(Number(item) - neutral) <= NEUTRAL_TOLERANCE);
      if (isNeutral || !isUsed(row)) continue;
      problems.add(
        () =>
          `${table.placeOf(row)}: ${label} is ${text}: it is applied where it stands in data_optics, not here. ` +
          "Give each value its own optics group.",
      );
    }
  }
  eachValue(table, "rlnImageDimensionality", isUsed, (row, value) => {
    if (value === 2) return;
    problems.add(() => `${table.placeOf(row)}: rlnImageDimensionality: expected 2 (images), got ${value}.`);
  });
}

function eachValue(
  table: StarTable,
  label: string,
  isUsed: (row: number) => boolean,
  visit: (row: number, value: number) => void,
): void {
  if (!table.has(label)) return;
  const values = table.numbers(label);
  for (let row = 0; row < values.length; row++) if (isUsed(row)) visit(row, values[row] as number);
}
