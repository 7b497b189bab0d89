import { DataError, UsageError } from "../core/errors.ts";
import { readCubicMap } from "../io/node/cubic-map.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { blobDensityInto } from "../map/blob-density.ts";
import { blobsOfAtoms, readPdbAtoms } from "../map/pdb-model.ts";
import { makePhantom } from "../map/phantom.ts";
import { resampleMap } from "../map/resample.ts";
import type { SimulateOptions } from "../options/simulate-options.ts";

export interface SourceMap {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [boxPx³] */
  readonly data: Float32Array;
  /** For the log: file name or "built-in molecule". */
  readonly origin: string;
}

/** Resolution of an atomic model's density, in pixels: a little coarser than Nyquist. */
const FINEST_IN_PIXELS = 2.2;
const PHANTOM_BOX_PX = 64;
const PHANTOM_PIXEL_SIZE_A = 4;

/** The map to simulate from, in the box asked for: the built-in molecule, an atomic model, or a map padded or cut about its centre. */
export function readSourceMap(options: SimulateOptions): SourceMap {
  if (options.map === null) {
    const boxPx = evenBox(options.boxPx || PHANTOM_BOX_PX, "box");
    const pixelSizeA = options.pixelSizeA || PHANTOM_PIXEL_SIZE_A;
    const data = blobDensityInto(new Float32Array(boxPx ** 3), boxPx, pixelSizeA, makePhantom());
    return { boxPx, pixelSizeA, data, origin: "built-in molecule" };
  }
  if (/\.(pdb|ent)$/i.test(options.map)) return readModel(options.map, options);
  const file = readCubicMap(options.map, options.pixelSizeA);
  const { pixelSizeA } = file;
  // An odd map goes into the next even box: the image model needs a pixel at N/2.
  const boxPx = evenBox(options.boxPx || file.boxPx + (file.boxPx % 2), "box");
  const data = boxPx === file.boxPx ? file.data : resampleMap(file.data, file, { boxPx, pixelSizeA });
  return { boxPx, pixelSizeA, data, origin: options.map };
}

/** Density of an atomic model about its centre of mass, as fine as the pixels can hold. */
function readModel(path: string, options: SimulateOptions): SourceMap {
  const { boxPx, pixelSizeA } = options;
  if (boxPx === 0 || pixelSizeA === 0) {
    throw new UsageError(
      `simulate: ${path}: an atomic model has no box and no pixel size. Give --box and --pixel-size.`,
    );
  }
  evenBox(boxPx, "box");
  const atoms = readPdbAtoms(new TextDecoder().decode(readFileBytes(path)), path);
  const blobs = blobsOfAtoms(atoms, FINEST_IN_PIXELS * pixelSizeA);
  const data = blobDensityInto(new Float32Array(boxPx ** 3), boxPx, pixelSizeA, blobs);
  return { boxPx, pixelSizeA, data, origin: path };
}

function evenBox(boxPx: number, name: string): number {
  if (boxPx % 2 === 0 && boxPx >= 16) return boxPx;
  throw new DataError(`simulate: ${name}: expected an even number of pixels from 16, got ${boxPx}.`, { boxPx });
}
