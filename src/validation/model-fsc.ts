import { DataError } from "../core/errors.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import type { Fft3 } from "../map/fft3.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { applyMaskInto } from "../map/masks.ts";
import { readMmcifAtoms } from "../map/mmcif-model.ts";
import { modelDensityInto } from "../map/model-density.ts";
import { type Atom, centreOfMassA, readPdbAtoms } from "../map/pdb-model.ts";

export type ModelFrame = "map" | "centre" | "mass";

export interface ModelGrid {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Where voxel 0 lies by the map's header, Å. */
  readonly mapOriginA: readonly [number, number, number];
  readonly frame: ModelFrame;
}

export interface PlacedModel {
  readonly path: string;
  /** [boxPx³] */
  readonly density: Float32Array;
  readonly atomCount: number;
  readonly outsideCount: number;
}

/** Atoms of a PDB or mmCIF file, told apart by the name. */
export function readModelAtoms(path: string): Atom[] {
  const text = new TextDecoder().decode(readFileBytes(path));
  return /\.(cif|mmcif)$/i.test(path) ? readMmcifAtoms(text, path) : readPdbAtoms(text, path);
}

/** The density of a model on a map's grid; a model that lies elsewhere is refused. */
export function placeModel(path: string, grid: ModelGrid): PlacedModel {
  const { boxPx, pixelSizeA } = grid;
  const atoms = readModelAtoms(path);
  const density = new Float32Array(boxPx ** 3);
  const outsideCount = modelDensityInto(density, boxPx, pixelSizeA, atoms, voxelZeroA(atoms, grid));
  if (outsideCount > atoms.length / 2) {
    throw new DataError(
      `${path}: ${outsideCount} of ${atoms.length} atoms lie outside the box of ${(boxPx * pixelSizeA).toFixed(0)} Å. ` +
        "Fit the model into the map, or say with --model-frame where it lies.",
      { path, outsideCount },
    );
  }
  return { path, density, atomCount: atoms.length, outsideCount };
}

/** FSC of a map [boxPx³] with a model, both inside the mask; [shell]. */
export async function modelFsc(
  map: Float32Array,
  model: PlacedModel,
  mask: Float32Array,
  boxPx: number,
  fft: Fft3,
): Promise<Float64Array> {
  const masked = (values: Float32Array) => applyMaskInto(new Float32Array(values.length), values, mask);
  return fscOfMaps(masked(map), masked(model.density), boxPx, fft);
}

/** The centre of the box is voxel floor(boxPx/2). */
function voxelZeroA(atoms: readonly Atom[], { frame, mapOriginA, boxPx, pixelSizeA }: ModelGrid) {
  if (frame === "map") return mapOriginA;
  const centreA = frame === "mass" ? centreOfMassA(atoms) : ([0, 0, 0] as const);
  const half = Math.floor(boxPx / 2) * pixelSizeA;
  return [centreA[0] - half, centreA[1] - half, centreA[2] - half] as const;
}
