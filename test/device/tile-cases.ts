import { TILE_FLOATS } from "../../src/device/ops/tile-insert.ts";
import { makeBandTiles } from "../../src/geometry/band-tiles.ts";
import { makeSignal } from "./backends.ts";
import type { Case } from "./matrix-cases.ts";
import {
  activeCount,
  band,
  bandArrays,
  box,
  boxPx,
  imageSet,
  normalised,
  pixels,
  pointSet,
  rotationsPerImage,
  shellCount,
  shiftsPerRotation,
  unitQuaternions,
  zeros,
} from "./matrix-scene.ts";

// One call of the ops that insert images tile by tile into rows 7 … 15 of a box of radius 11.

const [firstRow, rowCount] = [7, 9];
const tileCount = makeBandTiles({ ...band, shellCount, paddingFactor: 2, radiusPx: box.radiusPx }).count;

/** Two images as they travel: one with every other tile of the band, one with all; the second has a cloud of near rotations. */
const message = (() => {
  const all = Array.from({ length: tileCount }, (_, tile) => tile);
  const tiles = Int32Array.from([...all.filter((tile) => tile % 2 === 0), ...all]);
  const pointCount = 9;
  const rotations = unitQuaternions(pointCount, 64);
  for (let i = 4 * 3; i < 4 * pointCount; i++) rotations[i] = rotations[8 + (i % 4)]! + 0.03 * rotations[i]!;
  return {
    arrays: {
      ...bandArrays,
      tileStart: Int32Array.of(0, tiles.length - all.length, tiles.length),
      pointStart: Int32Array.of(0, 2, pointCount),
      tiles,
      planes: makeSignal(TILE_FLOATS * tiles.length, 65).map((v) => v * 2 ** 30),
      rotations,
      shiftsPx: makeSignal(2 * 2 * pointCount, 63).map((v) => 2 * v),
      weights: normalised(1, 2 * pointCount, 62),
    },
    numbers: {
      ...{ boxPx, shellCount, pixelCount: band.pixelCount, paddingFactor: 2 },
      ...{ messageImageCount: 2, messageTileCount: tiles.length, messagePointCount: pointCount, shiftsPerRotation: 2 },
    },
  };
})();

export const TILE_CASES: { readonly [Name in "weighTiles" | "insertTiles"]: Case } = {
  weighTiles: {
    arrays: {
      ...imageSet.arrays,
      ...pointSet.arrays,
      weights: normalised(activeCount, rotationsPerImage * shiftsPerRotation, 33),
      imageWeight: Float32Array.of(1, 0.4, 0.7),
      planes: zeros(TILE_FLOATS * activeCount * tileCount),
      rows: new Int32Array(4 * activeCount * tileCount),
      isLoose: new Int32Array(activeCount * rotationsPerImage),
    },
    numbers: {
      ...imageSet.numbers,
      ...pointSet.numbers,
      ...{ pixelCount: pixels, paddingFactor: 2, accumulatorRadiusPx: box.radiusPx },
      ...{ forwardScale: 2 ** 30, weightScale: 2 ** 28, tileCount },
    },
    // How much more than the rows touched `rows` holds is each backend's affair.
    outputs: ["planes"],
    tolerance: 1e-6,
  },
  insertTiles: {
    arrays: {
      ...message.arrays,
      accumulator: BigInt64Array.from(makeSignal(3 * rowCount * box.sizeZ * box.sizeX, 68), (v) =>
        BigInt(Math.round(v * 2 ** 30)),
      ),
    },
    numbers: { accumulatorRadiusPx: box.radiusPx, firstRow, rowCount, ...message.numbers },
    outputs: ["accumulator"],
    tolerance: 1e-6,
  },
};
