import { DataError } from "../../core/errors.ts";
import type { ByteReader } from "../bytes.ts";
import type { MrcHeader } from "./header.ts";
import { openStack } from "./stack.ts";

/** A density map in memory, as stored in a file. */
export interface DensityMapData {
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  /** Å per pixel, the same on every axis; 0 = the file does not say. */
  readonly pixelSizeA: number;
  /** [sizeZ × sizeY × sizeX], x fastest. */
  readonly data: Float32Array;
  /** The file's header, absent for a map made in memory. */
  readonly header?: MrcHeader;
}

/** How far the pixel sizes of two axes may differ: rounding of cell edges in float32 headers. */
const ANISOTROPY_TOLERANCE = 1e-3;

/** Reads a whole map, axes brought into the order x, y, z. */
export function readMap(reader: ByteReader): DensityMapData {
  const stack = openStack(reader);
  const { header, name } = stack;
  const pixels = header.columns * header.rows * header.sections;
  const stored = new Float32Array(pixels);
  stack.readSlicesInto(stored, 0, header.sections);
  const sizes: [number, number, number] = [0, 0, 0];
  const storedSizes = [header.columns, header.rows, header.sections] as const;
  for (let axis = 0; axis < 3; axis++) sizes[(header.axes[axis] as number) - 1] = storedSizes[axis] as number;
  return {
    sizeX: sizes[0],
    sizeY: sizes[1],
    sizeZ: sizes[2],
    pixelSizeA: isotropicPixelSize(header, name),
    data: inAxisOrder(stored, header),
    header,
  };
}

function isotropicPixelSize(header: MrcHeader, where: string): number {
  const stated = header.pixelSizesA.filter((sizeA) => sizeA > 0);
  const first = stated[0];
  if (first === undefined) return 0;
  if (stated.some((sizeA) => Math.abs(sizeA - first) > ANISOTROPY_TOLERANCE * first)) {
    throw new DataError(
      `${where}: expected cubic voxels, got ${header.pixelSizesA.map((sizeA) => sizeA.toFixed(4)).join(" × ")} Å. ` +
        "Resample the map or correct its header.",
      { where, pixelSizesA: header.pixelSizesA },
    );
  }
  return first;
}

/** Columns, rows, sections → x, y, z. */
function inAxisOrder(stored: Float32Array, header: MrcHeader): Float32Array {
  const [c, r, s] = header.axes;
  if (c === 1 && r === 2) return stored;
  const sizes = [0, 0, 0];
  sizes[c - 1] = header.columns;
  sizes[r - 1] = header.rows;
  sizes[s - 1] = header.sections;
  const strides = [1, sizes[0] as number, (sizes[0] as number) * (sizes[1] as number)];
  const [columnStride, rowStride, sectionStride] = [c, r, s].map((axis) => strides[axis - 1] as number) as [
    number,
    number,
    number,
  ];
  const data = new Float32Array(stored.length);
  let from = 0;
  for (let section = 0; section < header.sections; section++) {
    for (let row = 0; row < header.rows; row++) {
      let to = section * sectionStride + row * rowStride;
      for (let column = 0; column < header.columns; column++, from++, to += columnStride) {
        data[to] = stored[from] as number;
      }
    }
  }
  return data;
}
