import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import type { StarDocument } from "../io/star/document.ts";
import type { StarTable } from "../io/star/table.ts";
import { type ImageNames, readImageNames, readNames } from "../particles/image-names.ts";
import type { ParticleTable } from "../particles/table.ts";
import type { ProblemGroups, ProblemKind } from "./problem-groups.ts";

/** One optics group as the file states it; undefined = not stated. */
export interface StatedOptics {
  readonly place: string;
  readonly name: string;
  readonly number: number;
  readonly voltageKv: number | undefined;
  readonly sphericalAberrationMm: number | undefined;
  readonly amplitudeContrast: number | undefined;
  readonly pixelSizeA: number | undefined;
  readonly boxPx: number | undefined;
}

/** A particle set column by column, read with faults and all. */
export interface SetColumns extends ImageNames {
  readonly where: string;
  readonly count: number;
  placeOf(row: number): string;
  has(label: string): boolean;
  /** A column as numbers; undefined when it is absent or holds text (which has then been reported). */
  numbers(label: string): Float64Array | Float32Array | undefined;
  readonly micrographs: { readonly names: readonly string[]; readonly index: Int32Array } | undefined;
  readonly optics: readonly StatedOptics[];
  /** [count] index into optics, −1 for a group that the file does not define. */
  readonly opticsOf: Int32Array;
}

const NOT_A_NUMBER: ProblemKind = {
  code: "text-for-number",
  severity: "error",
  what: "text stands where a number belongs",
  remedy: "Correct the values or write the file again with the program it came from.",
};
const IMAGE_NAME: ProblemKind = {
  code: "image-name",
  severity: "error",
  what: "an image name is not NUMBER@STACK with a number of 1 or more",
  remedy: "Images are counted from 1: where the numbers begin at 0, add 1 to every one.",
};
const NO_GROUP: ProblemKind = {
  code: "optics-group-missing",
  severity: "error",
  what: "a particle's optics group has no row in data_optics",
  remedy: "Add the row, or correct rlnOpticsGroup; joining STAR files must renumber the groups.",
};
const TWICE: ProblemKind = {
  code: "optics-group-twice",
  severity: "error",
  what: "an optics group number stands twice in data_optics",
  remedy: "Renumber one of them, in data_optics and in the particles.",
};

/** The particle table of a STAR document. */
export function columnsOfStar(document: StarDocument, found: ProblemGroups): SetColumns {
  const withImages = document.blocks.filter((block) => block.isLoop && block.table.has("rlnImageName"));
  const table = (withImages.find((block) => block.name === "particles") ?? withImages[0])?.table;
  if (table === undefined || table.rowCount === 0) {
    throw new DataError(
      `${document.where}: expected particles (a table with rlnImageName and at least one row), found none. Give the file of particles.`,
      { where: document.where },
    );
  }
  const optics = document.blocks.find(({ table: other }) => other !== table && other.has("rlnOpticsGroup"))?.table;
  const names = readNamesReporting(table, found);
  const numbers = (label: string) => numbersReporting(table, label, found);
  return {
    ...names,
    where: document.where,
    count: table.rowCount,
    placeOf: (row) => table.placeOf(row),
    has: (label) => table.has(label),
    numbers,
    micrographs: table.has("rlnMicrographName") ? readNames(table, "rlnMicrographName") : undefined,
    ...(optics === undefined ? opticsOfRows(table, numbers) : opticsOfTable(optics, table, found)),
  };
}

/** A set that has been read already (.cs). */
export function columnsOfTable(table: ParticleTable): SetColumns {
  const columns: Readonly<Record<string, () => Float64Array | Float32Array>> = {
    ...(table.hasCtf
      ? {
          rlnDefocusU: () => table.defocusUA,
          rlnDefocusV: () => table.defocusVA,
          rlnDefocusAngle: () => table.defocusAngleRad.map((rad) => (rad * 180) / Math.PI),
          rlnPhaseShift: () => table.phaseShiftRad.map((rad) => (rad * 180) / Math.PI),
        }
      : {}),
    ...(table.randomSubset.some((half) => half > 0)
      ? { rlnRandomSubset: () => Float64Array.from(table.randomSubset) }
      : {}),
    ...(table.hasPoses
      ? {
          rlnOriginX: () => Float32Array.from({ length: table.count }, (_, i) => -table.shiftPx[2 * i]!),
          rlnOriginY: () => Float32Array.from({ length: table.count }, (_, i) => -table.shiftPx[2 * i + 1]!),
        }
      : {}),
  };
  return {
    stackPaths: table.stackPaths,
    imageStack: table.imageStack,
    imageSlice: table.imageSlice,
    where: table.where,
    count: table.count,
    placeOf: (row) => table.placeOf(row),
    has: (label) => Object.hasOwn(columns, label),
    numbers: (label) => columns[label]?.(),
    micrographs: { names: table.micrographNames, index: table.micrograph },
    optics: table.opticsGroups.map((group) => ({ ...group, place: table.where })),
    opticsOf: table.opticsGroup,
  };
}

function readNamesReporting(table: StarTable, found: ProblemGroups): ImageNames {
  const problems = new ProblemList(table.where);
  const names = readImageNames(table, problems);
  report(problems, IMAGE_NAME, found);
  return names;
}

function numbersReporting(table: StarTable, label: string, found: ProblemGroups): Float64Array | undefined {
  const code = `text-for-number ${label}`;
  // A column that several checks ask for is reported once.
  if (!table.has(label) || found.has(code)) return undefined;
  try {
    return table.numbers(label);
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const count = typeof thrown.fields["count"] === "number" ? thrown.fields["count"] : 1;
    const shown = thrown.fields["problems"];
    const first = Array.isArray(shown) ? String(shown[0]) : thrown.message;
    found.add({ ...NOT_A_NUMBER, code }, () => first, count);
    return undefined;
  }
}

function report(problems: ProblemList, kind: ProblemKind, found: ProblemGroups): void {
  try {
    problems.throwIfAny();
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const shown = thrown.fields["problems"];
    const texts = Array.isArray(shown) ? shown.map(String) : [thrown.message];
    texts.forEach((text) => {
      found.add(kind, () => text, 0);
    });
    found.add(kind, undefined, problems.count);
  }
}

type Optics = Pick<SetColumns, "optics" | "opticsOf">;

function opticsOfTable(optics: StarTable, particles: StarTable, found: ProblemGroups): Optics {
  const value = (label: string, row: number): number | undefined =>
    optics.has(label) ? numbersReporting(optics, label, found)?.[row] : undefined;
  const groups = Array.from({ length: optics.rowCount }, (_, row): StatedOptics => {
    const number = value("rlnOpticsGroup", row) ?? Number.NaN;
    return {
      place: optics.placeOf(row),
      number,
      name: optics.has("rlnOpticsGroupName") ? optics.text("rlnOpticsGroupName", row) : `group ${number}`,
      voltageKv: value("rlnVoltage", row),
      sphericalAberrationMm: value("rlnSphericalAberration", row),
      amplitudeContrast: value("rlnAmplitudeContrast", row),
      pixelSizeA: value("rlnImagePixelSize", row),
      boxPx: value("rlnImageSize", row),
    };
  });
  const rowOf = new Map<number, number>();
  groups.forEach((group, row) => {
    if (rowOf.has(group.number)) found.add(TWICE, () => `${group.place}: group ${group.number} is already defined.`);
    else rowOf.set(group.number, row);
  });
  const opticsOf = new Int32Array(particles.rowCount);
  const stated = numbersReporting(particles, "rlnOpticsGroup", found);
  if (stated === undefined) {
    if (optics.rowCount > 1) {
      found.add(
        NO_GROUP,
        () => `${particles.where}: no column rlnOpticsGroup, and data_optics has ${optics.rowCount} groups.`,
      );
    }
    return { optics: groups, opticsOf };
  }
  for (let row = 0; row < stated.length; row++) {
    const index = rowOf.get(stated[row]!);
    opticsOf[row] = index ?? -1;
    if (index !== undefined) continue;
    found.add(
      NO_GROUP,
      () => `${particles.placeOf(row)}: group ${stated[row]} (data_optics has ${[...rowOf.keys()].join(", ")}).`,
    );
  }
  return { optics: groups, opticsOf };
}

/** STAR 3.0: optics repeated in every row; each distinct combination is a group. */
function opticsOfRows(table: StarTable, numbers: SetColumns["numbers"]): Optics {
  const [voltage, cs, contrast, detector, magnification, size] = [
    "rlnVoltage",
    "rlnSphericalAberration",
    "rlnAmplitudeContrast",
    "rlnDetectorPixelSize",
    "rlnMagnification",
    table.has("rlnImagePixelSize") ? "rlnImagePixelSize" : "rlnPixelSize",
  ].map(numbers);
  const groups: StatedOptics[] = [];
  const opticsOf = new Int32Array(table.rowCount);
  const known = new Map<string, number>();
  let last = "";
  for (let row = 0; row < table.rowCount; row++) {
    const fromDetector = detector && magnification ? (1e4 * detector[row]!) / magnification[row]! : undefined;
    const pixelSizeA = size?.[row] ?? fromDetector;
    const key = `${voltage?.[row]} ${cs?.[row]} ${contrast?.[row]} ${pixelSizeA}`;
    let index = key === last ? opticsOf[row - 1]! : known.get(key);
    last = key;
    if (index === undefined) {
      index = groups.length;
      known.set(key, index);
      groups.push({
        place: table.placeOf(row),
        number: index + 1,
        name: `optics of row ${row + 1}`,
        voltageKv: voltage?.[row],
        sphericalAberrationMm: cs?.[row],
        amplitudeContrast: contrast?.[row],
        pixelSizeA,
        boxPx: undefined,
      });
    }
    opticsOf[row] = index;
  }
  return { optics: groups, opticsOf };
}
