import { DataError } from "../core/errors.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import type { Fft3 } from "../map/fft3.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { applyMaskInto } from "../map/masks.ts";
import { readMmcifAtoms } from "../map/mmcif-model.ts";
import { modelDensityInto } from "../map/model-density.ts";
import { type Atom, centreOfMassA, readPdbAtoms } from "../map/pdb-model.ts";

export type ModelFrame = "map" | "centre" | "mass";

export interface ModelFscInput {
  /** [boxPx³] */
  readonly map: Float32Array;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Where voxel 0 lies by the map's header, Å. */
  readonly mapOriginA: readonly [number, number, number];
  /** [boxPx³] laid on both. */
  readonly mask: Float32Array;
  readonly frame: ModelFrame;
  readonly fft: Fft3;
}

export interface ModelFsc {
  /** [shell] */
  readonly fsc: Float64Array;
  readonly atomCount: number;
  readonly outsideCount: number;
}

/** Atoms of a PDB or mmCIF file, told apart by the name. */
export function readModelAtoms(path: string): Atom[] {
  const text = new TextDecoder().decode(readFileBytes(path));
  return /\.(cif|mmcif)$/i.test(path) ? readMmcifAtoms(text, path) : readPdbAtoms(text, path);
}

/** FSC of a map with the density of an atomic model, both inside the mask. */
export async function modelFsc(path: string, input: ModelFscInput): Promise<ModelFsc> {
  const { map, boxPx, pixelSizeA, mask, fft } = input;
  const atoms = readModelAtoms(path);
  const density = new Float32Array(boxPx ** 3);
  const outsideCount = modelDensityInto(density, boxPx, pixelSizeA, atoms, voxelZeroA(atoms, input));
  if (outsideCount > atoms.length / 2) {
    throw new DataError(
      `${path}: ${outsideCount} of ${atoms.length} atoms lie outside the box of ${(boxPx * pixelSizeA).toFixed(0)} Å. ` +
        "Fit the model into the map, or say with --model-frame where it lies.",
      { path, outsideCount },
    );
  }
  const masked = (values: Float32Array) => applyMaskInto(new Float32Array(values.length), values, mask);
  const fsc = await fscOfMaps(masked(map), masked(density), boxPx, fft);
  return { fsc, atomCount: atoms.length, outsideCount };
}

/** The centre of the box is voxel floor(boxPx/2). */
function voxelZeroA(atoms: readonly Atom[], { frame, mapOriginA, boxPx, pixelSizeA }: ModelFscInput) {
  if (frame === "map") return mapOriginA;
  const centreA = frame === "mass" ? centreOfMassA(atoms) : ([0, 0, 0] as const);
  const half = Math.floor(boxPx / 2) * pixelSizeA;
  return [centreA[0] - half, centreA[1] - half, centreA[2] - half] as const;
}
