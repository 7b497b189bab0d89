import { DataError } from "../core/errors.ts";
import { ProblemList } from "../core/problems.ts";
import { eulerToQuaternionInto } from "../geometry/euler.ts";
import type { StarBlock, StarDocument } from "../io/star/document.ts";
import type { StarTable } from "../io/star/table.ts";
import { checkDuplicates } from "./duplicates.ts";
import { readImageNames, readNames } from "./image-names.ts";
import {
  BEAM_TILT_LABELS,
  expectColumns,
  type OpticsAssignment,
  opticsFromRows,
  opticsFromTable,
} from "./optics-groups.ts";
import { ABERRATION_LABELS } from "./read-aberrations.ts";
import { makeIdentityRotations, makeParticleTable, type ParticleTable } from "./table.ts";
import { refuseUnsupported } from "./unsupported.ts";

const RAD_PER_DEG = Math.PI / 180;
const EULER_LABELS = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] as const;
const DEFOCUS_LABELS = ["rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle"] as const;

export interface FromStarOptions {
  /** False accepts a file without CTF columns (projections, simulations). Default true. */
  readonly requireCtf?: boolean;
  /** Å; replaces what the file says. */
  readonly pixelSizeA?: number;
  /** Goes on as if there were no beam tilt, Zernike terms, magnification matrix, B-factor and scale factor. Default false. */
  readonly ignoreAberrations?: boolean;
}

/**
 * The particle table of a STAR file: 3.1 and later (data_optics and data_particles in either order) or 3.0 (optics in
 * every row). All problems of the file are reported in one DataError.
 */
export function particlesFromStar(document: StarDocument, options: FromStarOptions = {}): ParticleTable {
  const { where } = document;
  const requireCtf = options.requireCtf ?? true;
  const problems = new ProblemList(where);
  const block = particleBlock(document);
  const { table } = block;
  const optics = opticsBlock(document, block)?.table;
  const mayIgnore = options.ignoreAberrations ?? false;
  const opticsOptions = { requireCtf, pixelSizeA: options.pixelSizeA, ignoreAberrations: mayIgnore };
  if (requireCtf) expectColumns(table, `data_${block.name}`, DEFOCUS_LABELS);
  const groups =
    optics === undefined
      ? opticsFromRows(table, opticsOptions, problems)
      : opticsFromTable(optics, table, opticsOptions, problems);
  problems.throwIfAny();

  const inOptics = [...ABERRATION_LABELS, "rlnCtfDataAreCtfPremultiplied"];
  if (optics !== undefined) refuseUnsupported(optics, isUsedRow(optics, groups), inOptics, mayIgnore, problems);
  refuseUnsupported(table, () => true, optics === undefined ? BEAM_TILT_LABELS : [], mayIgnore, problems);
  const names = readImageNames(table, problems);
  const subset = readSubset(table, problems);
  const hasCtf = DEFOCUS_LABELS.every((label) => table.has(label));
  const number = (label: string, factor = 1): Float32Array => readScaled(table, label, factor, problems);
  const hasPoses = EULER_LABELS.every((label) => table.has(label));
  const rotation = hasPoses ? readRotations(table, problems) : makeIdentityRotations(table.rowCount);
  const micrographs = table.has("rlnMicrographName")
    ? readNames(table, "rlnMicrographName")
    : { names: names.stackPaths, index: names.imageStack };
  const columns = {
    ...names,
    where,
    count: table.rowCount,
    opticsGroups: groups.opticsGroups,
    opticsGroup: groups.opticsGroup,
    micrographNames: micrographs.names,
    micrograph: micrographs.index,
    hasCtf,
    defocusUA: number("rlnDefocusU"),
    defocusVA: number("rlnDefocusV"),
    defocusAngleRad: number("rlnDefocusAngle", RAD_PER_DEG),
    phaseShiftRad: number("rlnPhaseShift", RAD_PER_DEG),
    ...(isStated(table, "rlnCtfBfactor", 0) && !mayIgnore ? { ctfBFactorA2: number("rlnCtfBfactor") } : {}),
    ...(isStated(table, "rlnCtfScalefactor", 1) && !mayIgnore ? { ctfScale: number("rlnCtfScalefactor") } : {}),
    hasPoses,
    rotation,
    shiftPx: readShifts(table, groups, problems),
    randomSubset: subset,
    source: { kind: "star", document, particles: block } as const,
  };
  const copies = checkDuplicates(names, subset, (particle) => table.placeOf(particle), problems);
  problems.throwIfAny();
  return makeParticleTable({ ...columns, notes: notesOf(where, groups, copies, optics) });
}

function particleBlock(document: StarDocument): StarBlock {
  const withImages = document.blocks.filter((block) => block.isLoop && block.table.has("rlnImageName"));
  const block = withImages.find((candidate) => candidate.name === "particles") ?? withImages[0];
  if (block === undefined) {
    const blocks = document.blocks.map((other) => `data_${other.name}`).join(", ");
    throw new DataError(
      `${document.where}: expected a particle table with a column rlnImageName; the blocks here are ${blocks}. ` +
        "Give the file of particles (e.g. run_data.star).",
      { where: document.where },
    );
  }
  if (block.table.rowCount === 0) {
    throw new DataError(`${document.where}: data_${block.name} has no particles.`, { where: document.where });
  }
  return block;
}

function opticsBlock(document: StarDocument, particles: StarBlock): StarBlock | undefined {
  const isOptics = (block: StarBlock): boolean =>
    block !== particles &&
    block.table.has("rlnOpticsGroup") &&
    (block.name === "optics" || block.table.has("rlnImagePixelSize") || block.table.has("rlnVoltage"));
  return document.blocks.find(isOptics);
}

function isUsedRow(optics: StarTable, groups: OpticsAssignment): (row: number) => boolean {
  const used = new Set(groups.opticsGroups.map((group) => group.number));
  const numbers = optics.numbers("rlnOpticsGroup");
  return (row) => used.has(numbers[row] as number);
}

/** Whether a column holds anything but the value for "none". */
function isStated(table: StarTable, label: string, neutral: number): boolean {
  return table.has(label) && table.numbers(label).some((value) => !(Math.abs(value - neutral) <= 1e-6));
}

/** A finite column times a factor, zeros when the file has none. */
function readScaled(table: StarTable, label: string, factor: number, problems: ProblemList): Float32Array {
  const out = new Float32Array(table.rowCount);
  if (!table.has(label)) return out;
  const values = finiteNumbers(table, label, problems);
  for (let row = 0; row < out.length; row++) out[row] = (values[row] as number) * factor;
  return out;
}

function finiteNumbers(table: StarTable, label: string, problems: ProblemList): Float64Array {
  const values = table.numbers(label);
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) continue;
    problems.add(() => `${table.placeOf(row)}: ${label}: expected a finite number, got ${values[row]}.`);
  }
  return values;
}

function readRotations(table: StarTable, problems: ProblemList): Float64Array {
  const [rot, tilt, psi] = EULER_LABELS.map((label) => finiteNumbers(table, label, problems)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rotation = new Float64Array(4 * table.rowCount);
  for (let row = 0; row < table.rowCount; row++) {
    eulerToQuaternionInto(
      rotation,
      4 * row,
      (rot[row] as number) * RAD_PER_DEG,
      (tilt[row] as number) * RAD_PER_DEG,
      (psi[row] as number) * RAD_PER_DEG,
    );
  }
  return rotation;
}

/** rlnOriginXAngst (Å) or the older rlnOriginX (px): the shift of the particle is minus the origin. */
function readShifts(table: StarTable, groups: OpticsAssignment, problems: ProblemList): Float32Array {
  const shiftPx = new Float32Array(2 * table.rowCount);
  ["X", "Y"].forEach((axis, component) => {
    const inA = `rlnOrigin${axis}Angst`;
    const isInA = table.has(inA);
    const label = isInA ? inA : `rlnOrigin${axis}`;
    if (!table.has(label)) return;
    const origins = finiteNumbers(table, label, problems);
    for (let row = 0; row < table.rowCount; row++) {
      const group = groups.opticsGroups[groups.opticsGroup[row] as number];
      const unitPx = isInA ? (group?.pixelSizeA ?? 1) : 1;
      // 0 − x, so that an origin of 0 gives a shift of 0 and not −0.
      shiftPx[2 * row + component] = 0 - (origins[row] as number) / unitPx;
    }
  });
  return shiftPx;
}

function readSubset(table: StarTable, problems: ProblemList): Uint8Array {
  const subset = new Uint8Array(table.rowCount);
  if (!table.has("rlnRandomSubset")) return subset;
  const values = table.numbers("rlnRandomSubset");
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (value === 0 || value === 1 || value === 2) subset[row] = value;
    else problems.add(() => `${table.placeOf(row)}: rlnRandomSubset: expected 1 or 2, got ${value}.`);
  }
  return subset;
}

function notesOf(where: string, groups: OpticsAssignment, copies: number, optics: StarTable | undefined): string[] {
  const notes: string[] = [];
  if (groups.unusedNames.length > 0) {
    notes.push(`${where}: optics groups without particles are left out: ${groups.unusedNames.join(", ")}.`);
  }
  if (copies > 0) {
    notes.push(`${where}: ${copies} rows repeat an image of an earlier row (symmetry expansion?); all are used.`);
  }
  if (optics?.has("rlnMtfFileName")) {
    notes.push(
      `${where}: rlnMtfFileName is kept, not applied: the detector's response is corrected in post-processing.`,
    );
  }
  return notes;
}
