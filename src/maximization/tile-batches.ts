import type { InsertArgs } from "../device/ops/insert.ts";
import { TILE_FLOATS } from "../device/ops/tile-insert.ts";
import type { Device } from "../device/types.ts";
import { type PosteriorBlock, partOfBlock } from "../posterior/block.ts";
import type { TileBatch } from "./tile-messages.ts";

/** Bytes of tiles that a rank weighs between two exchanges. */
const TILE_BATCH_BYTES = 8 << 20;

/** Images in tiles with the points of their clusters, and the points that are in none. */
export interface ClusterBatch {
  readonly tiles: TileBatch;
  /** Indices into the block's [particles][rotationsPerImage]. */
  readonly loose: readonly number[];
}

/** The images of one block of particles, in batches of bounded size. */
export async function* tilesOfBlock(
  device: Device,
  args: Omit<InsertArgs, "accumulator">,
  block: PosteriorBlock,
  imageWeight: Float32Array,
  tileCount: number,
): AsyncGenerator<ClusterBatch> {
  const { rotationsPerImage, shiftsPerRotation } = block;
  const most = Math.max(1, Math.floor(TILE_BATCH_BYTES / (4 * TILE_FLOATS * Math.max(tileCount, 1))));
  for (let first = 0; first < block.particles.length; first += most) {
    const part = partOfBlock(block, first, Math.min(first + most, block.particles.length));
    const imageCount = part.particles.length;
    using active = device.upload(Int32Array.from({ length: imageCount }, (_, i) => first + i));
    using rotations = device.upload(part.rotations);
    using shiftsPx = device.upload(part.shiftsPx);
    using weights = device.upload(part.weights);
    using planes = device.allocate("f32", TILE_FLOATS * imageCount * tileCount);
    using rows = device.allocate("i32", 4 * imageCount * tileCount);
    using isLoose = device.allocate("i32", imageCount * rotationsPerImage);
    device.weighTiles({
      ...args,
      active,
      activeCount: imageCount,
      rotations,
      shiftsPx,
      weights,
      tileCount,
      planes,
      rows,
      isLoose,
    });
    const looseOnes = (await device.read(isLoose)) as Int32Array;
    const loose: number[] = [];
    looseOnes.forEach((is, point) => {
      if (is !== 0) loose.push(first * rotationsPerImage + point);
    });
    const tiles = {
      imageCount,
      tileCount,
      shiftsPerRotation,
      planes: (await device.read(planes)) as Float32Array,
      rows: (await device.read(rows)) as Int32Array,
      ...clusterPoints(part, imageWeight.subarray(first, first + imageCount), looseOnes),
    };
    yield { tiles, loose };
  }
}

/** The points of clusters: with a weight other than 0, not loose. */
function clusterPoints(part: PosteriorBlock, imageWeight: Float32Array, isLoose: Int32Array) {
  const { rotationsPerImage, shiftsPerRotation } = part;
  const pointStart = new Int32Array(part.particles.length + 1);
  const points: number[] = [];
  for (let image = 0; image < part.particles.length; image++) {
    for (let m = 0; m < rotationsPerImage && imageWeight[image] !== 0; m++) {
      const point = image * rotationsPerImage + m;
      const own = part.weights.subarray(point * shiftsPerRotation, (point + 1) * shiftsPerRotation);
      if (isLoose[point] === 0 && own.some((weight) => weight !== 0)) points.push(point);
    }
    pointStart[image + 1] = points.length;
  }
  const gathered = (source: Float32Array, width: number) => {
    const out = new Float32Array(width * points.length);
    points.forEach((point, i) => {
      out.set(source.subarray(width * point, width * (point + 1)), width * i);
    });
    return out;
  };
  return {
    pointStart,
    rotations: gathered(part.rotations, 4),
    shiftsPx: gathered(part.shiftsPx, 2 * shiftsPerRotation),
    weights: gathered(part.weights, shiftsPerRotation),
  };
}
