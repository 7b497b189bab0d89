import type { Band } from "../geometry/band.ts";
import { type Aberrations, evenPhaseRad, hasEvenPhase, NO_ABERRATIONS } from "../optics/aberrations.ts";
import type { ParticleTable } from "./table.ts";

/** The part of the CTF's argument that the optics groups' even Zernike terms make. */
export interface SymmetricPhase {
  /** [particles] row of the table, −1 for none. */
  readonly rowOf: Int32Array;
  readonly rowCount: number;
  /** [rowCount][band pixels], rad; kept for the band asked for last. */
  tableOn(band: Band): Float64Array;
}

/** Undefined where no group has such terms. */
export function symmetricPhaseOf(table: ParticleTable, pixelSizeA: number): SymmetricPhase | undefined {
  const all = table.opticsGroups.map((group) => group.aberrations ?? NO_ABERRATIONS);
  const rows = all.filter(hasEvenPhase);
  if (rows.length === 0) return undefined;
  const rowOfGroup = all.map((aberrations) => rows.indexOf(aberrations));
  let last: { readonly band: Band; readonly phases: Float64Array } | null = null;
  return {
    rowOf: Int32Array.from(table.opticsGroup, (group) => rowOfGroup[group]!),
    rowCount: rows.length,
    tableOn(band) {
      if (last?.band === band) return last.phases;
      const phases = evenPhaseTable(rows, band, pixelSizeA);
      last = { band, phases };
      return phases;
    },
  };
}

/** [rows][band pixels] ψ of some aberrations, rad. */
export function evenPhaseTable(rows: readonly Aberrations[], band: Band, pixelSizeA: number): Float64Array {
  const perPixelInvA = 1 / (band.boxPx * pixelSizeA);
  const phases = new Float64Array(rows.length * band.pixelCount);
  rows.forEach((aberrations, row) => {
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      phases[row * band.pixelCount + pixel] = evenPhaseRad(
        aberrations,
        band.kx[pixel]! * perPixelInvA,
        band.ky[pixel]! * perPixelInvA,
      );
    }
  });
  return phases;
}

/** [particles][2] B-factor and scale of the CTF; undefined where the table states neither. */
export function ctfEnvelopeOf(table: ParticleTable): Float64Array | undefined {
  if (!table.ctfBFactorA2 && !table.ctfScale) return undefined;
  const envelope = new Float64Array(2 * table.count);
  for (let p = 0; p < table.count; p++) {
    envelope[2 * p] = table.ctfBFactorA2?.[p] ?? 0;
    envelope[2 * p + 1] = table.ctfScale?.[p] ?? 1;
  }
  return envelope;
}
