import { expectLength } from "../core/checks.ts";
import type { CsDataset } from "../io/cs/dataset.ts";
import type { StarBlock, StarDocument } from "../io/star/document.ts";
import type { Aberrations } from "../optics/aberrations.ts";

/** What the particles of one optics group share. */
export interface OpticsGroup {
  readonly name: string;
  /** The number in the file (rlnOpticsGroup), any positive integer. */
  readonly number: number;
  readonly voltageKv: number;
  readonly sphericalAberrationMm: number;
  /** 0–1. */
  readonly amplitudeContrast: number;
  readonly pixelSizeA: number;
  /** 0 = the metadata do not say; the stack's header does. */
  readonly boxPx: number;
  /** −1 where the stored images have dark particles: they are multiplied by it on reading. */
  readonly imageSign: 1 | -1;
  /** Absent: none. */
  readonly aberrations?: Aberrations;
  /** The stored images were already multiplied by their CTF. Absent: no. */
  readonly isPremultiplied?: boolean;
}

/** Where the table came from, kept so that every column of the input can be written back. */
export type ParticleSource =
  | { readonly kind: "star"; readonly document: StarDocument; readonly particles: StarBlock }
  | { readonly kind: "cs"; readonly dataset: CsDataset }
  | { readonly kind: "made" };

export interface ParticleColumns {
  /** The file's name, for messages. */
  readonly where: string;
  readonly count: number;
  readonly stackPaths: readonly string[];
  /** [count], index into stackPaths. */
  readonly imageStack: Int32Array;
  /** [count], 0-based slice of the stack. */
  readonly imageSlice: Int32Array;
  readonly opticsGroups: readonly OpticsGroup[];
  /** [count], index into opticsGroups. */
  readonly opticsGroup: Int32Array;
  readonly micrographNames: readonly string[];
  /** [count], index into micrographNames. */
  readonly micrograph: Int32Array;
  /** False when the CTF was not asked for and is not there: the defocus columns are then 0. */
  readonly hasCtf: boolean;
  /** [count], Å, underfocus positive. */
  readonly defocusUA: Float32Array;
  readonly defocusVA: Float32Array;
  /** [count], x axis → U. */
  readonly defocusAngleRad: Float32Array;
  readonly phaseShiftRad: Float32Array;
  /** [count], Å²: the CTF is multiplied by exp(−B |s|²/4). Absent: 0. */
  readonly ctfBFactorA2?: Float32Array;
  /** [count], multiplies the CTF. Absent: 1. */
  readonly ctfScale?: Float32Array;
  /** True when the input states orientations; otherwise rotation is the identity throughout. */
  readonly hasPoses: boolean;
  /** [4 × count], unit quaternions w, x, y, z, image axes → volume axes. */
  readonly rotation: Float64Array;
  /** [2 × count], displacement of the particle from the centre in px (x, y). rlnOrigin = −shift. */
  readonly shiftPx: Float32Array;
  /** [count], 0 = not stated, 1 or 2. */
  readonly randomSubset: Uint8Array;
  readonly source: ParticleSource;
  /** Sentences about what was dropped, assumed or is unusual: to be shown once. */
  readonly notes: readonly string[];
}

/** The data set's metadata, a structure of arrays. */
export interface ParticleTable extends ParticleColumns {
  /** "000001@stack.mrcs", as RELION writes it. */
  imageName(particle: number): string;
  /** Where a particle stands in its file, "particles.star:1042". */
  placeOf(particle: number): string;
}

/** Checks the lengths of all columns and adds the names. */
export function makeParticleTable(columns: ParticleColumns): ParticleTable {
  const { count } = columns;
  expectLength("particles: imageStack", columns.imageStack, count);
  expectLength("particles: imageSlice", columns.imageSlice, count);
  expectLength("particles: opticsGroup", columns.opticsGroup, count);
  expectLength("particles: micrograph", columns.micrograph, count);
  expectLength("particles: defocusUA", columns.defocusUA, count);
  expectLength("particles: defocusVA", columns.defocusVA, count);
  expectLength("particles: defocusAngleRad", columns.defocusAngleRad, count);
  expectLength("particles: phaseShiftRad", columns.phaseShiftRad, count);
  if (columns.ctfBFactorA2) expectLength("particles: ctfBFactorA2", columns.ctfBFactorA2, count);
  if (columns.ctfScale) expectLength("particles: ctfScale", columns.ctfScale, count);
  expectLength("particles: rotation", columns.rotation, 4 * count);
  expectLength("particles: shiftPx", columns.shiftPx, 2 * count);
  expectLength("particles: randomSubset", columns.randomSubset, count);
  return {
    ...columns,
    imageName(particle) {
      const slice = String((columns.imageSlice[particle] as number) + 1).padStart(6, "0");
      return `${slice}@${columns.stackPaths[columns.imageStack[particle] as number]}`;
    },
    placeOf(particle) {
      const { source } = columns;
      if (source.kind === "star") return source.particles.table.placeOf(particle);
      return `${columns.where}: particle ${particle + 1}`;
    },
  };
}

/** Identity rotations of `count` particles, [4 × count]. */
export function makeIdentityRotations(count: number): Float64Array {
  const rotation = new Float64Array(4 * count);
  for (let particle = 0; particle < count; particle++) rotation[4 * particle] = 1;
  return rotation;
}

/** A table of some particles, in the order given. The source's rows are selected with them. */
export function selectParticles(table: ParticleTable, particles: ArrayLike<number>): ParticleTable {
  const pick = Int32Array.from(particles);
  const count = pick.length;
  const rotation = new Float64Array(4 * count);
  const shiftPx = new Float32Array(2 * count);
  pick.forEach((from, to) => {
    rotation.set(table.rotation.subarray(4 * from, 4 * from + 4), 4 * to);
    shiftPx.set(table.shiftPx.subarray(2 * from, 2 * from + 2), 2 * to);
  });
  const int32 = (column: Int32Array): Int32Array => pick.map((from) => column[from] as number);
  const float32 = (column: Float32Array): Float32Array => Float32Array.from(pick, (from) => column[from] as number);
  return makeParticleTable({
    ...table,
    count,
    imageStack: int32(table.imageStack),
    imageSlice: int32(table.imageSlice),
    opticsGroup: int32(table.opticsGroup),
    micrograph: int32(table.micrograph),
    defocusUA: float32(table.defocusUA),
    defocusVA: float32(table.defocusVA),
    defocusAngleRad: float32(table.defocusAngleRad),
    phaseShiftRad: float32(table.phaseShiftRad),
    ...(table.ctfBFactorA2 ? { ctfBFactorA2: float32(table.ctfBFactorA2) } : {}),
    ...(table.ctfScale ? { ctfScale: float32(table.ctfScale) } : {}),
    rotation,
    shiftPx,
    randomSubset: Uint8Array.from(pick, (from) => table.randomSubset[from] as number),
    source: selectSource(table.source, pick),
  });
}

function selectSource(source: ParticleSource, pick: Int32Array): ParticleSource {
  if (source.kind !== "star") return { kind: "made" };
  const particles = { ...source.particles, table: source.particles.table.selectRows(pick) };
  const blocks = source.document.blocks.map((block) => (block === source.particles ? particles : block));
  return { kind: "star", document: { ...source.document, blocks }, particles };
}
