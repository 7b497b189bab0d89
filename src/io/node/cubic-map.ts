import { DataError } from "../../core/errors.ts";
import { readMapFile } from "./map-file.ts";

export interface CubicMap {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [boxPx³] */
  readonly data: Float32Array;
}

/**
 * Reads a map that must be a cube of finite densities with a pixel size.
 *
 * @param pixelSizeA  replaces the header's; 0 takes the header's
 */
export function readCubicMap(path: string, pixelSizeA: number): CubicMap {
  const file = readMapFile(path);
  if (file.sizeX !== file.sizeY || file.sizeY !== file.sizeZ) {
    throw new DataError(
      `${path}: expected a cubic map, got ${file.sizeX} × ${file.sizeY} × ${file.sizeZ}. Pad it to a cube first.`,
      { path, sizes: [file.sizeX, file.sizeY, file.sizeZ] },
    );
  }
  const usedPixelSizeA = pixelSizeA || file.pixelSizeA;
  if (!(usedPixelSizeA > 0)) {
    throw new DataError(`${path}: expected a pixel size in the header, got none. Write it into the map.`, { path });
  }
  const bad = file.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DataError(
      `${path}: expected finite densities, got ${file.data[bad]} at voxel ${bad}. Make the map again.`,
      {
        path,
        voxel: bad,
      },
    );
  }
  return { boxPx: file.sizeX, pixelSizeA: usedPixelSizeA, data: file.data };
}
