import { DataError } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import { readMapFile } from "../io/node/map-file.ts";
import type { Fft3 } from "../map/fft3.ts";
import { lowPassMap } from "../map/low-pass.ts";
import { resampleMap } from "../map/resample.ts";

const SAME_PIXEL = 0.005;

export interface ReferenceTarget {
  readonly boxPx: number;
  readonly pixelSizeA: number;
}

/** A cubic map of a file on the grid of the images: resampled, saying so, when its box or pixel size is another. */
export function readMapOnGrid(path: string, target: ReferenceTarget, log: EventLog): Float32Array {
  const map = readMapFile(path);
  if (map.sizeX !== map.sizeY || map.sizeX !== map.sizeZ) {
    throw new DataError(
      `${path}: expected a cubic map, got ${map.sizeX} × ${map.sizeY} × ${map.sizeZ}. Crop or pad it to a cube.`,
    );
  }
  if (!map.data.every(Number.isFinite))
    throw new DataError(`${path}: holds values that are not finite numbers. Repair the map.`);
  let pixelSizeA = map.pixelSizeA;
  if (!(pixelSizeA > 0)) {
    if (map.sizeX !== target.boxPx) {
      throw new DataError(
        `${path}: has no pixel size in its header and another box (${map.sizeX} px) than the images (${target.boxPx} px). Set its pixel size.`,
      );
    }
    pixelSizeA = target.pixelSizeA;
    log.event("warning", {
      message: `${path}: no pixel size in its header; that of the images, ${pixelSizeA} Å, is taken.`,
    });
  }
  const isSame = map.sizeX === target.boxPx && Math.abs(pixelSizeA / target.pixelSizeA - 1) < SAME_PIXEL;
  if (isSame) return map.data;
  const from = `${map.sizeX} px at ${pixelSizeA.toFixed(3)} Å`;
  log.event("note", {
    message: `${path}: resampled from ${from} to ${target.boxPx} px at ${target.pixelSizeA.toFixed(3)} Å.`,
  });
  return resampleMap(map.data, { boxPx: map.sizeX, pixelSizeA }, target);
}

/** Starting reference: low-passed, inside the mask, of unit standard deviation, so that its grey scale does not matter. */
export async function prepareReference(
  map: Float32Array,
  where: string,
  target: ReferenceTarget,
  resolutionA: number,
  mask: Float32Array,
  fft: Fft3,
): Promise<Float32Array> {
  const filtered = await lowPassMap(normalised(map, where), target.boxPx, target.pixelSizeA, resolutionA, fft);
  for (let i = 0; i < filtered.length; i++) filtered[i]! *= mask[i]!;
  return normalised(filtered, where);
}

function normalised(map: Float32Array, where: string): Float32Array {
  let sum = 0;
  for (const value of map) sum += value;
  const mean = sum / map.length;
  let square = 0;
  for (const value of map) square += (value - mean) ** 2;
  const deviation = Math.sqrt(square / map.length);
  if (!(deviation > 0)) {
    throw new DataError(`${where}: the reference is constant inside the mask. Give a map that shows the particle.`);
  }
  return map.map((value) => value / deviation);
}
