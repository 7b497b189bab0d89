import type { ProblemList } from "../core/problems.ts";
import type { StarTable } from "../io/star/table.ts";

/** A column whose value, other than `neutral`, changes the images in a way that is not modelled. */
interface UnsupportedColumn {
  readonly neutral: number;
  readonly unit: string;
  readonly meaning: string;
  /** Whether the run may go on without it, knowing that the map suffers. */
  readonly isAberration: boolean;
}

const column = (neutral: number, unit: string, meaning: string, isAberration = true): UnsupportedColumn => ({
  neutral,
  unit,
  meaning,
  isAberration,
});

const NUMBERS: Readonly<Record<string, UnsupportedColumn>> = {
  rlnBeamTiltX: column(0, " mrad", "beam tilt"),
  rlnBeamTiltY: column(0, " mrad", "beam tilt"),
  rlnMagMat00: column(1, "", "anisotropic magnification"),
  rlnMagMat01: column(0, "", "anisotropic magnification"),
  rlnMagMat10: column(0, "", "anisotropic magnification"),
  rlnMagMat11: column(1, "", "anisotropic magnification"),
  rlnCtfBfactor: column(0, " Å²", "a CTF B-factor"),
  rlnCtfScalefactor: column(1, "", "a CTF scale factor"),
  rlnCtfDataAreCtfPremultiplied: column(0, "", "images already multiplied by their CTF", false),
};

const LISTS: Readonly<Record<string, string>> = {
  rlnOddZernike: "odd (antisymmetric) aberrations",
  rlnEvenZernike: "even (symmetric) aberrations",
};

/** Rounding of the values that programs write for "none". */
const NEUTRAL_TOLERANCE = 1e-6;

/**
 * Reports by name every value of the rows in use that the image model here does not apply.
 *
 * @param isUsed  rows that matter (an optics group without particles does not)
 * @param mayIgnoreAberrations  leaves out what only blurs the map at high resolution
 */
export function refuseUnsupported(
  table: StarTable,
  isUsed: (row: number) => boolean,
  mayIgnoreAberrations: boolean,
  problems: ProblemList,
): void {
  for (const [label, { neutral, unit, meaning, isAberration }] of Object.entries(NUMBERS)) {
    if (!table.has(label) || (isAberration && mayIgnoreAberrations)) continue;
    const values = table.numbers(label);
    for (let row = 0; row < values.length; row++) {
      const value = values[row] as number;
      if (Math.abs(value - neutral) <= NEUTRAL_TOLERANCE || !isUsed(row)) continue;
      problems.add(() => sentence(table, row, label, `${value}${unit}`, meaning, isAberration));
    }
  }
  if (!mayIgnoreAberrations) {
    for (const [label, meaning] of Object.entries(LISTS)) {
      if (!table.has(label)) continue;
      for (let row = 0; row < table.rowCount; row++) {
        const text = table.text(label, row);
        const isNeutral = text.split(/[[\],\s]+/).every((item) => item === "" || Number(item) === 0);
        if (!isNeutral && isUsed(row)) problems.add(() => sentence(table, row, label, text, meaning, true));
      }
    }
  }
  if (table.has("rlnImageDimensionality")) {
    const dimensionality = table.numbers("rlnImageDimensionality");
    for (let row = 0; row < dimensionality.length; row++) {
      if (dimensionality[row] === 2 || !isUsed(row)) continue;
      problems.add(
        () => `${table.placeOf(row)}: rlnImageDimensionality: expected 2 (images), got ${dimensionality[row]}.`,
      );
    }
  }
}

function sentence(
  table: StarTable,
  row: number,
  label: string,
  value: string,
  meaning: string,
  isAberration: boolean,
): string {
  const remedy = isAberration
    ? "Correct it before extraction, or remove the column and accept a blurred map."
    : "Extract the particles again without it.";
  return `${table.placeOf(row)}: ${label} is ${value}: ${meaning} is not modelled. ${remedy}`;
}
