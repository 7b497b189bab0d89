/** What a deposition in the EMDB asks for, in one folder. */

import { writeFileAtomic } from "../io/node/atomic-write.ts";
import { readFileBytes } from "../io/node/file-reader.ts";
import { joinPath, makeFolder } from "../io/node/folders.ts";
import { writeMapFile } from "../io/node/map-file.ts";
import { makeGreyPng } from "../map/png.ts";
import { solventThreshold } from "../map/solvent-mask.ts";
import { projectionPicture } from "./projection-picture.ts";

export interface EmdbBundleInput {
  readonly folder: string;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** [boxPx³] the primary map, sharpened, not masked. */
  readonly map: Float32Array;
  /** [boxPx³] */
  readonly mask: Float32Array;
  /** Files of the half maps, copied byte by byte: a deposition wants them unmodified. */
  readonly halfMaps: readonly [string, string];
  readonly fscXml: string;
  /** Figures for the form. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Edge of the picture, px: the archive asks for 500 × 500. */
const PICTURE_PX = 500;

/** Returns the files written. */
export function writeEmdbBundle(input: EmdbBundleInput): string[] {
  const { folder, boxPx, pixelSizeA, map, mask } = input;
  makeFolder(folder);
  const written: string[] = [];
  const path = (name: string) => {
    const full = joinPath(folder, name);
    written.push(full);
    return full;
  };
  const grid = { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA };
  writeMapFile(path("map.mrc"), { ...grid, data: map });
  writeFileAtomic(path("half_map_1.mrc"), readFileBytes(input.halfMaps[0]));
  writeFileAtomic(path("half_map_2.mrc"), readFileBytes(input.halfMaps[1]));
  writeMapFile(path("mask.mrc"), { ...grid, data: mask });
  writeFileAtomic(path("fsc.xml"), input.fscXml);
  const masked = map.map((value, i) => value * mask[i]!);
  const picture = projectionPicture(masked, boxPx, PICTURE_PX);
  writeFileAtomic(path("picture.png"), makeGreyPng(picture, PICTURE_PX, PICTURE_PX));
  const deposition = {
    boxPx,
    voxelSizeA: pixelSizeA,
    recommendedContourLevel: solventThreshold(map, boxPx, Math.floor(boxPx / 2) - 1),
    ...input.figures,
  };
  writeFileAtomic(path("deposition.json"), `${JSON.stringify(deposition, null, 1)}\n`);
  return written;
}
