import {
  hasMagnification,
  hasOddPhase,
  IDENTITY_2,
  invert2,
  type Matrix2,
  NO_ABERRATIONS,
  scale2,
} from "../optics/aberrations.ts";
import type { OpticsGroup, ParticleTable } from "./table.ts";

/** Box and pixel size that all images of a data set are brought to. */
export interface CommonGrid {
  readonly boxPx: number;
  readonly pixelSizeA: number;
}

/** Pixel sizes or boxes in Å that differ by less are one. */
const SAME = 1e-4;

/** Those of the optics group with the largest pixels (of several, the first): no group then lacks a frequency that is compared. */
export function commonGrid(table: ParticleTable, groupBoxPx: readonly number[]): CommonGrid {
  let coarsest = 0;
  table.opticsGroups.forEach((group, index) => {
    const best = table.opticsGroups[coarsest] as OpticsGroup;
    if (group.pixelSizeA > best.pixelSizeA * (1 + SAME)) coarsest = index;
  });
  return {
    boxPx: groupBoxPx[coarsest] as number,
    pixelSizeA: (table.opticsGroups[coarsest] as OpticsGroup).pixelSizeA,
  };
}

/**
 * A of an optics group: frequency index on the common grid → frequency index of the stored image, A = (N_g p_g / N p) M⁻¹ with
 * M the magnification matrix, N boxes and p pixel sizes. The identity where nothing has to be moved.
 */
export function frequencyMatrix(group: OpticsGroup, groupBoxPx: number, grid: CommonGrid): Matrix2 {
  const aberrations = group.aberrations ?? NO_ABERRATIONS;
  const ratio = (groupBoxPx * group.pixelSizeA) / (grid.boxPx * grid.pixelSizeA);
  const size = Math.abs(ratio - 1) < SAME ? 1 : ratio;
  if (size === 1 && !hasMagnification(aberrations)) return IDENTITY_2;
  return scale2(invert2(aberrations.magnification), size);
}

/** Whether images of a group go to the common grid as they are stored. */
export function isConformed(group: OpticsGroup, groupBoxPx: number, grid: CommonGrid): boolean {
  return (
    groupBoxPx === grid.boxPx &&
    frequencyMatrix(group, groupBoxPx, grid) === IDENTITY_2 &&
    !(group.isPremultiplied ?? false) &&
    !hasOddPhase(group.aberrations ?? NO_ABERRATIONS)
  );
}

/**
 * Displacement of a particle in px of the stored image → px of the common grid, t' = (N/N_g) Aᵀ t: the phase k·t/N_g at
 * k = A p is p·t'/N.
 */
export function toCommonShift(
  matrix: Matrix2,
  groupBoxPx: number,
  boxPx: number,
  x: number,
  y: number,
): [number, number] {
  const factor = boxPx / groupBoxPx;
  const [xx, xy, yx, yy] = matrix;
  return [factor * (xx * x + yx * y), factor * (xy * x + yy * y)];
}

/** The inverse of `toCommonShift`. */
export function fromCommonShift(
  matrix: Matrix2,
  groupBoxPx: number,
  boxPx: number,
  x: number,
  y: number,
): [number, number] {
  const factor = groupBoxPx / boxPx;
  const [xx, xy, yx, yy] = invert2(matrix);
  return [factor * (xx * x + yx * y), factor * (xy * x + yy * y)];
}
