import { expectLength } from "../core/checks.ts";
import { quaternionToEuler } from "../geometry/euler.ts";
import { type StarBlock, type StarDocument, starBlock, withTable } from "../io/star/document.ts";
import { makeStarTable, type StarColumnData, type StarTable } from "../io/star/table.ts";
import { NO_ABERRATIONS } from "../optics/aberrations.ts";
import type { OpticsGroup, ParticleTable } from "./table.ts";

const DEG_PER_RAD = 180 / Math.PI;

/** What a run has found, one value per particle; absent = as in the table. Same conventions as ParticleColumns. */
export interface ParticleResults {
  /** [4 × count] */
  readonly rotation?: Float64Array;
  /** [2 × count], px */
  readonly shiftPx?: Float32Array | Float64Array;
  readonly randomSubset?: Uint8Array;
  readonly defocusUA?: Float32Array;
  readonly defocusVA?: Float32Array;
  readonly defocusAngleRad?: Float32Array;
  readonly classNumber?: ArrayLike<number>;
  readonly normCorrection?: ArrayLike<number>;
  readonly logLikelihood?: ArrayLike<number>;
  readonly maxProbability?: ArrayLike<number>;
  readonly significantSamples?: ArrayLike<number>;
  readonly goodProbability?: ArrayLike<number>;
  /** Further columns, written as they are. */
  readonly extra?: readonly StarColumnData[];
}

/**
 * A STAR document of the particles in the 3.1 layout, which RELION and others read: every column of the input as it
 * was, with the results put in. A 3.0 or .cs input gets a data_optics table.
 */
export function particlesToStar(table: ParticleTable, results: ParticleResults = {}): StarDocument {
  const columns = resultColumns(table, results);
  const { source } = table;
  if (source.kind !== "star") {
    const base = makeStarTable(table.where, baseColumns(table)).withColumns(columns);
    return documentOf(table, [opticsBlock(table), starBlock("particles", base)]);
  }
  const { document, particles } = source;
  const hasOptics = document.blocks.some((block) => block !== particles && block.table.has("rlnOpticsGroup"));
  // Origins in px would contradict the new ones in Å.
  const kept = particles.table.withoutColumns(["rlnOriginX", "rlnOriginY"]);
  if (hasOptics) return withTable(document, particles, kept.withColumns(columns));
  const others = document.blocks.filter((block) => block !== particles);
  const updated = kept.withColumns([opticsGroupColumn(table), ...columns]);
  return { ...document, blocks: [opticsBlock(table), starBlock("particles", updated), ...others] };
}

function documentOf(table: ParticleTable, blocks: StarBlock[]): StarDocument {
  return { where: table.where, blocks, trailingComments: [] };
}

function resultColumns(table: ParticleTable, results: ParticleResults): StarColumnData[] {
  const { count } = table;
  const columns: StarColumnData[] = [];
  const add = (label: string, values: ArrayLike<number> | undefined, kind: "real" | "integer" = "real"): void => {
    if (values === undefined) return;
    expectLength(`particlesToStar: ${label}`, values, count);
    columns.push({ label, numbers: values, kind });
  };
  // A STAR source still has its own angles.
  const hasOwnAngles = table.source.kind === "star" || !table.hasPoses;
  const rotation = results.rotation ?? (hasOwnAngles ? undefined : table.rotation);
  if (rotation !== undefined) columns.push(...angleColumns(rotation, count));
  // Written even when unchanged: the input may have them in px.
  columns.push(...originColumns(table, results.shiftPx ?? table.shiftPx));
  const subset = results.randomSubset ?? (table.source.kind === "star" ? undefined : table.randomSubset);
  if (subset?.some((half) => half !== 0)) add("rlnRandomSubset", subset, "integer");
  add("rlnDefocusU", results.defocusUA);
  add("rlnDefocusV", results.defocusVA);
  add(
    "rlnDefocusAngle",
    results.defocusAngleRad?.map((angleRad) => angleRad * DEG_PER_RAD),
  );
  add("rlnClassNumber", results.classNumber, "integer");
  add("rlnNormCorrection", results.normCorrection);
  add("rlnLogLikeliContribution", results.logLikelihood);
  add("rlnMaxValueProbDistribution", results.maxProbability);
  add("rlnNrOfSignificantSamples", results.significantSamples, "integer");
  add("vitGoodProbability", results.goodProbability);
  columns.push(...(results.extra ?? []));
  return columns;
}

function angleColumns(rotation: Float64Array, count: number): StarColumnData[] {
  expectLength("particlesToStar: rotation", rotation, 4 * count);
  const rot = new Float64Array(count);
  const tilt = new Float64Array(count);
  const psi = new Float64Array(count);
  for (let particle = 0; particle < count; particle++) {
    const angles = quaternionToEuler(rotation, 4 * particle);
    rot[particle] = angles.rotRad * DEG_PER_RAD;
    tilt[particle] = angles.tiltRad * DEG_PER_RAD;
    psi[particle] = angles.psiRad * DEG_PER_RAD;
  }
  return [
    { label: "rlnAngleRot", numbers: rot },
    { label: "rlnAngleTilt", numbers: tilt },
    { label: "rlnAnglePsi", numbers: psi },
  ];
}

function originColumns(table: ParticleTable, shiftPx: ArrayLike<number>): StarColumnData[] {
  expectLength("particlesToStar: shiftPx", shiftPx, 2 * table.count);
  return ["X", "Y"].map((axis, component) => {
    const numbers = new Float64Array(table.count);
    for (let particle = 0; particle < table.count; particle++) {
      const pixelSizeA = table.opticsGroups[table.opticsGroup[particle] as number]?.pixelSizeA ?? 1;
      numbers[particle] = 0 - (shiftPx[2 * particle + component] as number) * pixelSizeA;
    }
    return { label: `rlnOrigin${axis}Angst`, numbers };
  });
}

function opticsGroupColumn(table: ParticleTable): StarColumnData {
  const numbers = Int32Array.from(table.opticsGroup, (index) => table.opticsGroups[index]?.number ?? 1);
  return { label: "rlnOpticsGroup", numbers, kind: "integer" };
}

/** Columns of a table that did not come from a STAR file. */
function baseColumns(table: ParticleTable): StarColumnData[] {
  const particles = Array.from({ length: table.count }, (_, particle) => particle);
  const columns: StarColumnData[] = [
    { label: "rlnImageName", texts: particles.map((particle) => table.imageName(particle)) },
    {
      label: "rlnMicrographName",
      texts: particles.map((particle) => table.micrographNames[table.micrograph[particle] as number] ?? "none"),
    },
    opticsGroupColumn(table),
  ];
  if (!table.hasCtf) return columns;
  return [
    ...columns,
    { label: "rlnDefocusU", numbers: table.defocusUA },
    { label: "rlnDefocusV", numbers: table.defocusVA },
    { label: "rlnDefocusAngle", numbers: table.defocusAngleRad.map((angleRad) => angleRad * DEG_PER_RAD) },
    { label: "rlnPhaseShift", numbers: table.phaseShiftRad.map((angleRad) => angleRad * DEG_PER_RAD) },
    ...(table.ctfBFactorA2 ? [{ label: "rlnCtfBfactor", numbers: table.ctfBFactorA2 }] : []),
    ...(table.ctfScale ? [{ label: "rlnCtfScalefactor", numbers: table.ctfScale }] : []),
  ];
}

/** Columns of data_optics for the aberrations that any group has. */
export function aberrationColumns(
  groups: readonly Pick<OpticsGroup, "aberrations" | "isPremultiplied">[],
): StarColumnData[] {
  const columns: StarColumnData[] = [];
  if (groups.some((group) => group.isPremultiplied)) {
    const numbers = groups.map((group) => (group.isPremultiplied ? 1 : 0));
    columns.push({ label: "rlnCtfDataAreCtfPremultiplied", numbers, kind: "integer" });
  }
  if (groups.every((group) => group.aberrations === undefined)) return columns;
  const all = groups.map((group) => group.aberrations ?? NO_ABERRATIONS);
  const list = (values: readonly number[]) => `[${values.length > 0 ? values.join(",") : 0}]`;
  // Beam tilt columns beside coma in the Zernike terms would be ambiguous.
  if (all.some((a) => a.beamTiltXMrad !== 0 || a.beamTiltYMrad !== 0)) {
    columns.push(
      { label: "rlnBeamTiltX", numbers: all.map((a) => a.beamTiltXMrad) },
      { label: "rlnBeamTiltY", numbers: all.map((a) => a.beamTiltYMrad) },
    );
  }
  return [
    ...columns,
    { label: "rlnOddZernike", texts: all.map((a) => list(a.oddZernike)) },
    { label: "rlnEvenZernike", texts: all.map((a) => list(a.evenZernike)) },
    ...["rlnMagMat00", "rlnMagMat01", "rlnMagMat10", "rlnMagMat11"].map((label, i) => ({
      label,
      numbers: all.map((a) => a.magnification[i]!),
    })),
  ];
}

/** The data_optics table of a particle table. */
function opticsBlock(table: ParticleTable): StarBlock {
  const groups = table.opticsGroups;
  const columns: StarColumnData[] = [
    { label: "rlnOpticsGroupName", texts: groups.map((group) => group.name) },
    { label: "rlnOpticsGroup", numbers: groups.map((group) => group.number), kind: "integer" },
  ];
  if (table.hasCtf) {
    columns.push(
      { label: "rlnVoltage", numbers: groups.map((group) => group.voltageKv) },
      { label: "rlnSphericalAberration", numbers: groups.map((group) => group.sphericalAberrationMm) },
      { label: "rlnAmplitudeContrast", numbers: groups.map((group) => group.amplitudeContrast) },
    );
  }
  columns.push({ label: "rlnImagePixelSize", numbers: groups.map((group) => group.pixelSizeA) });
  if (groups.every((group) => group.boxPx > 0)) {
    columns.push({ label: "rlnImageSize", numbers: groups.map((group) => group.boxPx), kind: "integer" });
  }
  columns.push({ label: "rlnImageDimensionality", numbers: groups.map(() => 2), kind: "integer" });
  if (groups.some((group) => group.imageSign < 0)) {
    columns.push({ label: "vitImageSign", numbers: groups.map((group) => group.imageSign), kind: "integer" });
  }
  columns.push(...aberrationColumns(groups));
  const optics: StarTable = makeStarTable(table.where, columns);
  return starBlock("optics", optics);
}
