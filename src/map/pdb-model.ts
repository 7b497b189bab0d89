/** Atomic models in PDB format, as far as a density needs them: positions, electrons and B-factors. */

import { expectPositive } from "../core/checks.ts";
import { DataError } from "../core/errors.ts";
import { type Blob, type Blobs, makeBlobs } from "./blobs.ts";

export interface Atom {
  readonly xA: number;
  readonly yA: number;
  readonly zA: number;
  /** Electrons (atomic number) × occupancy. */
  readonly weight: number;
  /** Isotropic B-factor, Å²; 0 where the file has none. */
  readonly bFactorA2: number;
}

const ATOMIC_NUMBER: Readonly<Record<string, number>> = {
  H: 1,
  C: 6,
  N: 7,
  O: 8,
  F: 9,
  NA: 11,
  MG: 12,
  P: 15,
  S: 16,
  CL: 17,
  K: 19,
  CA: 20,
  MN: 25,
  FE: 26,
  ZN: 30,
  SE: 34,
};

/** Atomic number of an element's symbol in capitals; that of carbon where it is not one of the common ones. */
export function electronsOf(element: string): number {
  return ATOMIC_NUMBER[element] ?? ATOMIC_NUMBER["C"]!;
}

/** Standard deviation of a Gaussian whose transform falls to 1/e at 1/resolution is resolution / (π√2) = 0.225 d. */
const SIGMA_PER_RESOLUTION = 1 / (Math.PI * Math.SQRT2);

/**
 * ATOM and HETATM records of the first model, columns as in the PDB format 3.3; alternate locations keep their
 * occupancies.
 *
 * @param source  named in errors
 */
export function readPdbAtoms(text: string, source: string): Atom[] {
  const atoms: Atom[] = [];
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.startsWith("ENDMDL")) break;
    if (!line.startsWith("ATOM  ") && !line.startsWith("HETATM")) continue;
    const [xA, yA, zA] = [30, 38, 46].map((column) => readNumber(line.slice(column, column + 8)));
    if (xA === undefined || yA === undefined || zA === undefined) {
      throw new DataError(
        `${source}:${i + 1}: expected three coordinates in columns 31–54, got "${line.slice(30, 54)}". ` +
          "Is the file in PDB format? The name of an mmCIF file must end in .cif.",
      );
    }
    const occupancy = readNumber(line.slice(54, 60)) ?? 1;
    const bFactorA2 = Math.max(0, readNumber(line.slice(60, 66)) ?? 0);
    atoms.push({ xA, yA, zA, weight: occupancy * electronsOf(elementOf(line)), bFactorA2 });
  }
  if (atoms.length === 0) throw new DataError(`${source}: no ATOM or HETATM records. Is the file in PDB format?`);
  return atoms;
}

/**
 * The model as Gaussians at a resolution (σ = 0.225 d), moved so that `centreA` is the box centre.
 *
 * @param centreA  Å in the model's frame. Default: the centre of mass
 */
export function blobsOfAtoms(atoms: readonly Atom[], resolutionA: number, centreA = centreOfMassA(atoms)): Blobs {
  expectPositive("model density: resolutionA", resolutionA);
  const sigmaA = SIGMA_PER_RESOLUTION * resolutionA;
  return makeBlobs(
    atoms.map(
      (atom): Blob => ({
        xA: atom.xA - centreA[0],
        yA: atom.yA - centreA[1],
        zA: atom.zA - centreA[2],
        sigmaA,
        weight: atom.weight,
      }),
    ),
  );
}

export function centreOfMassA(atoms: readonly Atom[]): readonly [xA: number, yA: number, zA: number] {
  let mass = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (const atom of atoms) {
    mass += atom.weight;
    sum[0] += atom.weight * atom.xA;
    sum[1] += atom.weight * atom.yA;
    sum[2] += atom.weight * atom.zA;
  }
  return [sum[0] / mass, sum[1] / mass, sum[2] / mass];
}

function readNumber(field: string): number | undefined {
  const value = Number(field);
  return field.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

/** Columns 77–78, or else the letters of the atom name, whose first character column is blank for C, N, O, S, P. */
function elementOf(line: string): string {
  const element = line.slice(76, 78).trim().toUpperCase();
  if (/^[A-Z]{1,2}$/.test(element)) return element;
  const name = line
    .slice(12, 14)
    .replace(/[^A-Za-z]/g, "")
    .toUpperCase();
  return line[12] === " " ? name.slice(0, 1) : name;
}
