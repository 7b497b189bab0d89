import { DataError } from "../core/errors.ts";
import type { ProblemList } from "../core/problems.ts";
import type { StarTable } from "../io/star/table.ts";
import { NO_ABERRATIONS } from "../optics/aberrations.ts";
import { readAberrations } from "./read-aberrations.ts";
import type { OpticsGroup } from "./table.ts";

/** Å of a µm: pixel size in the specimen = 1e4 · detector pixel (µm) / magnification. */
const A_PER_UM = 1e4;
/** Beyond it the voltage was surely written in volts. */
const MAX_VOLTAGE_KV = 2000;

export interface OpticsOptions {
  /** False: a file without CTF columns is accepted. */
  readonly requireCtf: boolean;
  /** Å; replaces what the file says. */
  readonly pixelSizeA: number | undefined;
  /** True reads no beam tilt, Zernike terms and magnification. */
  readonly ignoreAberrations?: boolean;
}

export interface OpticsAssignment {
  readonly opticsGroups: readonly OpticsGroup[];
  /** [particles], index into opticsGroups. */
  readonly opticsGroup: Int32Array;
  /** Names of groups that no particle uses; they are left out. */
  readonly unusedNames: readonly string[];
}

/** The aberrations that a 3.0 file states, in each row. */
export const BEAM_TILT_LABELS = ["rlnBeamTiltX", "rlnBeamTiltY"] as const;
const CTF_LABELS = ["rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast"] as const;

/** Optics groups of a file with a data_optics table (STAR 3.1 and later). */
export function opticsFromTable(
  optics: StarTable,
  particles: StarTable,
  options: OpticsOptions,
  problems: ProblemList,
): OpticsAssignment {
  const needed = ["rlnOpticsGroup", ...(options.requireCtf ? CTF_LABELS : [])];
  if (options.pixelSizeA === undefined) needed.push("rlnImagePixelSize");
  expectColumns(optics, "data_optics", needed);
  const numbers = optics.numbers("rlnOpticsGroup");
  const rowOf = new Map<number, number>();
  numbers.forEach((number, row) => {
    if (!Number.isInteger(number)) {
      problems.add(() => `${optics.placeOf(row)}: rlnOpticsGroup: expected an integer, got ${number}.`);
    } else if (rowOf.has(number)) {
      problems.add(() => `${optics.placeOf(row)}: optics group ${number} appears twice in data_optics.`);
    } else {
      rowOf.set(number, row);
    }
  });
  const used = new Map<number, number>();
  const opticsGroup = new Int32Array(particles.rowCount);
  if (particles.has("rlnOpticsGroup")) {
    const stated = particles.numbers("rlnOpticsGroup");
    for (let particle = 0; particle < stated.length; particle++) {
      const number = stated[particle] as number;
      if (!rowOf.has(number)) {
        problems.add(
          () =>
            `${particles.placeOf(particle)}: rlnOpticsGroup ${number} has no row in data_optics ` +
            `(groups: ${[...rowOf.keys()].join(", ")}).`,
        );
        continue;
      }
      let index = used.get(number);
      if (index === undefined) {
        index = used.size;
        used.set(number, index);
      }
      opticsGroup[particle] = index;
    }
  } else if (rowOf.size === 1) {
    used.set([...rowOf.keys()][0] as number, 0);
  } else {
    throw new DataError(
      `${particles.where}: no column rlnOpticsGroup, but data_optics has ${rowOf.size} groups. Add the column.`,
    );
  }
  const opticsGroups = [...used.keys()].map((number) =>
    groupOf(optics, rowOf.get(number) as number, number, options, problems),
  );
  opticsGroups.forEach((group) => {
    checkGroup(group, optics.placeOf(rowOf.get(group.number) as number), options, problems);
  });
  const unused = [...rowOf].filter(([number]) => !used.has(number)).map(([, row]) => nameOf(optics, row));
  return { opticsGroups, opticsGroup, unusedNames: unused };
}

/** Optics groups of a file that repeats the optics in every row (STAR 3.0): one per distinct combination. */
export function opticsFromRows(particles: StarTable, options: OpticsOptions, problems: ProblemList): OpticsAssignment {
  if (options.requireCtf) expectColumns(particles, "the particle table", CTF_LABELS);
  const pixelSizesA = pixelSizesOfRows(particles, options);
  const tiltLabels = options.ignoreAberrations === true ? [] : BEAM_TILT_LABELS;
  const columns = [...CTF_LABELS, ...tiltLabels].map((label) =>
    particles.has(label) ? particles.numbers(label) : undefined,
  );
  const known = new Map<string, number>();
  const opticsGroups: OpticsGroup[] = [];
  const opticsGroup = new Int32Array(particles.rowCount);
  for (let row = 0; row < particles.rowCount; row++) {
    const before = row - 1;
    const isSameAsBefore =
      row > 0 &&
      pixelSizesA(row) === pixelSizesA(before) &&
      columns.every((values) => values?.[row] === values?.[before]);
    if (isSameAsBefore) {
      opticsGroup[row] = opticsGroup[before] as number;
      continue;
    }
    const values = columns.map((column) => column?.[row] ?? 0);
    const [voltageKv, sphericalAberrationMm, amplitudeContrast] = values;
    const key = [...values, pixelSizesA(row)].join(" ");
    let index = known.get(key);
    if (index === undefined) {
      index = opticsGroups.length;
      known.set(key, index);
      const group: OpticsGroup = {
        name: `opticsGroup${index + 1}`,
        number: index + 1,
        voltageKv: voltageKv ?? 0,
        sphericalAberrationMm: sphericalAberrationMm ?? 0,
        amplitudeContrast: amplitudeContrast ?? 0,
        pixelSizeA: pixelSizesA(row),
        boxPx: 0,
        imageSign: 1,
        ...tiltOf(particles, row, options, problems),
      };
      checkGroup(group, particles.placeOf(row), options, problems);
      opticsGroups.push(group);
    }
    opticsGroup[row] = index;
  }
  return { opticsGroups, opticsGroup, unusedNames: [] };
}

/** Throws one DataError that names every missing column. */
export function expectColumns(table: StarTable, tableName: string, labels: readonly string[]): void {
  const missing = labels.filter((label) => !table.has(label));
  if (missing.length === 0) return;
  throw new DataError(
    `${table.where}: ${tableName} lacks ${missing.join(", ")}. Add the column${missing.length > 1 ? "s" : ""} ` +
      "(CTF values come from a CTF estimation job).",
    { where: table.where, missing },
  );
}

function pixelSizesOfRows(particles: StarTable, options: OpticsOptions): (row: number) => number {
  const given = options.pixelSizeA;
  if (given !== undefined) return () => given;
  for (const label of ["rlnImagePixelSize", "rlnPixelSize"]) {
    if (!particles.has(label)) continue;
    const sizesA = particles.numbers(label);
    return (row) => sizesA[row] as number;
  }
  if (particles.has("rlnDetectorPixelSize") && particles.has("rlnMagnification")) {
    const detectorUm = particles.numbers("rlnDetectorPixelSize");
    const magnification = particles.numbers("rlnMagnification");
    return (row) => (A_PER_UM * (detectorUm[row] as number)) / (magnification[row] as number);
  }
  throw new DataError(
    `${particles.where}: no pixel size: expected rlnImagePixelSize (data_optics), or rlnDetectorPixelSize and ` +
      "rlnMagnification. Add one of them.",
    { where: particles.where },
  );
}

/** Of a 3.0 file: the beam tilt only. */
function tiltOf(
  particles: StarTable,
  row: number,
  options: OpticsOptions,
  problems: ProblemList,
): Pick<OpticsGroup, "aberrations"> {
  const [x, y] = BEAM_TILT_LABELS.map((label) =>
    particles.has(label) ? (particles.numbers(label)[row] as number) : 0,
  );
  if (options.ignoreAberrations === true || (x === 0 && y === 0)) return {};
  for (const tilt of [x, y]) {
    if (!Number.isFinite(tilt)) problems.add(() => `${particles.placeOf(row)}: beam tilt: expected mrad, got ${tilt}.`);
  }
  return { aberrations: { ...NO_ABERRATIONS, beamTiltXMrad: x ?? 0, beamTiltYMrad: y ?? 0 } };
}

function groupOf(
  optics: StarTable,
  row: number,
  number: number,
  options: OpticsOptions,
  problems: ProblemList,
): OpticsGroup {
  const value = (label: string): number => (optics.has(label) ? (optics.numbers(label)[row] as number) : 0);
  return {
    name: nameOf(optics, row),
    number,
    voltageKv: value("rlnVoltage"),
    sphericalAberrationMm: value("rlnSphericalAberration"),
    amplitudeContrast: value("rlnAmplitudeContrast"),
    pixelSizeA: options.pixelSizeA ?? value("rlnImagePixelSize"),
    boxPx: value("rlnImageSize"),
    imageSign: value("vitImageSign") === -1 ? -1 : 1,
    ...aberrationsOf(optics, row, options, problems),
    ...(value("rlnCtfDataAreCtfPremultiplied") !== 0 ? { isPremultiplied: true } : {}),
  };
}

function aberrationsOf(
  table: StarTable,
  row: number,
  options: OpticsOptions,
  problems: ProblemList,
): Pick<OpticsGroup, "aberrations"> {
  const aberrations = options.ignoreAberrations === true ? undefined : readAberrations(table, row, problems);
  return aberrations === undefined ? {} : { aberrations };
}

function nameOf(optics: StarTable, row: number): string {
  if (optics.has("rlnOpticsGroupName")) return optics.text("rlnOpticsGroupName", row);
  return `opticsGroup${optics.text("rlnOpticsGroup", row)}`;
}

function checkGroup(group: OpticsGroup, place: string, options: OpticsOptions, problems: ProblemList): void {
  const expect = (isGood: boolean, label: string, expected: string, got: number): void => {
    if (!isGood) problems.add(() => `${place}: ${label}: expected ${expected}, got ${got}.`);
  };
  const { pixelSizeA, voltageKv, amplitudeContrast, sphericalAberrationMm, boxPx } = group;
  expect(pixelSizeA > 0 && pixelSizeA < 1000, "pixel size", "Å per pixel above 0", pixelSizeA);
  expect(Number.isInteger(boxPx) && boxPx >= 0, "rlnImageSize", "a number of pixels", boxPx);
  if (!options.requireCtf) return;
  expect(voltageKv > 0 && voltageKv <= MAX_VOLTAGE_KV, "rlnVoltage", "kV, e.g. 300", voltageKv);
  expect(amplitudeContrast >= 0 && amplitudeContrast <= 1, "rlnAmplitudeContrast", "0 to 1", amplitudeContrast);
  expect(
    sphericalAberrationMm >= 0 && sphericalAberrationMm < 100,
    "rlnSphericalAberration",
    "mm, e.g. 2.7",
    sphericalAberrationMm,
  );
}
