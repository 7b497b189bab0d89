import { DataError } from "../core/errors.ts";
import { readStarFile } from "../io/node/star-file.ts";
import { type MtfCurve, makeMtfCurve } from "../map/mtf.ts";

/** The MTF of a STAR file with rlnResolutionInversePixel and rlnMtfValue. */
export function readMtf(path: string, pixelSizeA: number): MtfCurve {
  const document = readStarFile(path);
  const block = document.blocks.find(({ table }) => table.has("rlnResolutionInversePixel") && table.has("rlnMtfValue"));
  if (block === undefined) {
    throw new DataError(`${path}: expected columns rlnResolutionInversePixel and rlnMtfValue, found none.`, { path });
  }
  const { table } = block;
  return makeMtfCurve(path, table.numbers("rlnResolutionInversePixel"), table.numbers("rlnMtfValue"), pixelSizeA);
}
