import type { ProblemList } from "../core/problems.ts";
import type { StarTable } from "../io/star/table.ts";
import { type Aberrations, hasEvenPhase, hasMagnification, hasOddPhase, type Matrix2 } from "../optics/aberrations.ts";

const NUMBERS = ["rlnBeamTiltX", "rlnBeamTiltY"] as const;
const MAGNIFICATION = ["rlnMagMat00", "rlnMagMat01", "rlnMagMat10", "rlnMagMat11"] as const;

/** Columns of data_optics (or, of the beam tilt, of a 3.0 file's rows) that say what the microscope does to all images of a group. */
export const ABERRATION_LABELS = [...NUMBERS, "rlnOddZernike", "rlnEvenZernike", ...MAGNIFICATION] as const;

/** Positions of Z_3^−1 and Z_3^1 in rlnOddZernike: what beam tilt is made of. */
const COMA_TERMS = [3, 4] as const;
/** A magnification that shrinks an image to less than half, or doubles it, is no distortion. */
const DETERMINANT_RANGE = [0.25, 4] as const;

/** Aberrations of a row of the optics table; undefined where there are none. */
export function readAberrations(table: StarTable, row: number, problems: ProblemList): Aberrations | undefined {
  const value = (label: string, neutral: number): number => {
    if (!table.has(label)) return neutral;
    const number = table.numbers(label)[row] as number;
    if (!Number.isFinite(number)) problems.add(() => `${place()}: ${label}: expected a finite number, got ${number}.`);
    return number;
  };
  const place = () => table.placeOf(row);
  const list = (label: string): number[] => {
    if (!table.has(label)) return [];
    const text = table.text(label, row);
    const items = text.split(/[[\],\s]+/).filter((item) => item !== "");
    const numbers = items.map(Number);
    if (numbers.some((number) => !Number.isFinite(number))) {
      problems.add(() => `${place()}: ${label}: expected a list of numbers [c0,c1,…], got ${text}.`);
    }
    return numbers;
  };
  const aberrations: Aberrations = {
    beamTiltXMrad: value("rlnBeamTiltX", 0),
    beamTiltYMrad: value("rlnBeamTiltY", 0),
    oddZernike: list("rlnOddZernike"),
    evenZernike: list("rlnEvenZernike"),
    magnification: MAGNIFICATION.map((label, i) => value(label, i === 0 || i === 3 ? 1 : 0)) as unknown as Matrix2,
  };
  const [xx, xy, yx, yy] = aberrations.magnification;
  const determinant = xx * yy - xy * yx;
  if (!(determinant >= DETERMINANT_RANGE[0] && determinant <= DETERMINANT_RANGE[1])) {
    problems.add(
      () =>
        `${place()}: rlnMagMat00 to rlnMagMat11: expected a matrix close to the identity, got determinant ${determinant}.`,
    );
  }
  const hasTiltColumns = NUMBERS.some((label) => table.has(label));
  if (hasTiltColumns && COMA_TERMS.some((term) => Math.abs(aberrations.oddZernike[term] ?? 0) > 1e-6)) {
    // Other programs then take the one and drop the other.
    problems.add(
      () =>
        `${place()}: coma is stated twice, as rlnBeamTiltX and rlnBeamTiltY and as terms 4 and 5 of rlnOddZernike. ` +
        "Set those terms to 0, or remove the beam tilt columns.",
    );
  }
  const isAny = hasOddPhase(aberrations) || hasEvenPhase(aberrations) || hasMagnification(aberrations);
  return isAny ? aberrations : undefined;
}
