import type { ParticleTable } from "../particles/table.ts";
import type { ImageModelBatch } from "./projector.ts";

/** What the projector needs of the particles start … end − 1: poses, shifts and optics of the table. */
export function modelBatch(table: ParticleTable, start: number, end: number, withoutCtf: boolean): ImageModelBatch {
  const groups = Array.from({ length: end - start }, (_, i) => table.opticsGroups[table.opticsGroup[start + i]!]!);
  const optics = groups.map((group, i) => {
    const particle = start + i;
    return {
      voltageKv: group.voltageKv,
      sphericalAberrationMm: group.sphericalAberrationMm,
      amplitudeContrast: group.amplitudeContrast,
      defocusUA: table.defocusUA[particle]!,
      defocusVA: table.defocusVA[particle]!,
      defocusAngleRad: table.defocusAngleRad[particle]!,
      phaseShiftRad: table.phaseShiftRad[particle]!,
      bFactorA2: table.ctfBFactorA2?.[particle] ?? 0,
      ctfScale: table.ctfScale?.[particle] ?? 1,
    };
  });
  return {
    count: end - start,
    rotations: table.rotation.subarray(4 * start, 4 * end),
    shiftsPx: Float64Array.from(table.shiftPx.subarray(2 * start, 2 * end)),
    optics: withoutCtf ? null : optics,
    aberrations: groups.map((group) => group.aberrations),
    isPremultiplied: groups.map((group) => group.isPremultiplied ?? false),
  };
}
