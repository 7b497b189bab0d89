import type { Device } from "../device/types.ts";
import { IDENTITY_2 } from "../optics/aberrations.ts";
import { frequencyMatrix, fromCommonShift, isConformed, toCommonShift } from "../particles/common-grid.ts";
import { ConformingReader } from "../particles/conforming-reader.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import type { ImageSource } from "../particles/image-source.ts";
import { ctfEnvelopeOf, type SymmetricPhase, symmetricPhaseOf } from "../particles/symmetric-phase.ts";
import type { ParticleTable } from "../particles/table.ts";

/** What stands between a data set's stored images and its common grid: part of Dataset. */
interface GridData extends Pick<ImageModel, "optics" | "envelope" | "symmetricPhase" | "boxPx" | "pixelSizeA"> {
  readonly table: ParticleTable;
  readonly source: ImageSource;
  readonly reader: ImageReader;
}

/** What the CTFs of a data set have besides their optics rows. */
export function ctfExtras(
  table: ParticleTable,
  pixelSizeA: number,
): { readonly envelope?: Float64Array; readonly symmetricPhase?: SymmetricPhase } {
  const envelope = ctfEnvelopeOf(table);
  const symmetricPhase = symmetricPhaseOf(table, pixelSizeA);
  return { ...(envelope ? { envelope } : {}), ...(symmetricPhase ? { symmetricPhase } : {}) };
}

/** The data set's reader on a device: every image on the common grid, aberrations taken out. */
export function conformingReader(device: Device, data: GridData, inner: ImageReader = data.reader): ImageReader {
  const isPlain = data.table.opticsGroups.every((group, i) => isConformed(group, data.source.groupBoxPx[i]!, data));
  return isPlain ? inner : new ConformingReader(device, inner, data.table, data.source, data);
}

/** The file's shifts in px of the common grid. */
export function commonShifts(table: ParticleTable, source: ImageSource): Float32Array {
  return eachShift(table, source, table.shiftPx, toCommonShift);
}

/** Shifts on the common grid → px of each particle's own optics group, as files state them. */
export function ownShifts({ table, source }: Pick<GridData, "table" | "source">, shiftPx: Float32Array): Float32Array {
  return eachShift(table, source, shiftPx, fromCommonShift);
}

function eachShift(
  table: ParticleTable,
  source: ImageSource,
  shiftPx: Float32Array,
  convert: typeof toCommonShift,
): Float32Array {
  const out = shiftPx.slice();
  const matrices = table.opticsGroups.map((group, i) => frequencyMatrix(group, source.groupBoxPx[i]!, source));
  for (let p = 0; p < table.count; p++) {
    const group = table.opticsGroup[p]!;
    const groupBoxPx = source.groupBoxPx[group]!;
    if (matrices[group] === IDENTITY_2 && groupBoxPx === source.boxPx) continue;
    out.set(convert(matrices[group]!, groupBoxPx, source.boxPx, shiftPx[2 * p]!, shiftPx[2 * p + 1]!), 2 * p);
  }
  return out;
}
