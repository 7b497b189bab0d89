import { expectPositive } from "../../core/checks.ts";
import { isInsertedPixel, makeBandTiles, TILE_PIXELS } from "../../geometry/band-tiles.ts";
import { boxRowsIndex } from "../../geometry/box-rows.ts";
import { fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount } from "../check-buffer.ts";
import { hostF32, hostI32, hostI64 } from "../reference/host-buffer.ts";
import { ImageSums } from "../reference/image-sums.ts";
import { rotationMatrixAt } from "../reference/trilinear.ts";
import type { BandArgs } from "./image-set.ts";
import { checkInsertion, type InsertArgs, insertedPart, pixelFilter, slicePoint } from "./insert.ts";
import { expectRows, type RowsArgs } from "./shell-sums.ts";

/** Numbers of a tile: planes of 16 pixels, Re, Im and weight. */
export const TILE_FLOATS = 3 * TILE_PIXELS;

/**
 * The first half of `insert` for clusters of near rotations, for an accumulator whose rows lie on several ranks: the pixels of every active image in tiles
 * (geometry/band-tiles.ts), u·scale·C·X/σ² and u·(scale·C)²/σ² in units of the fixed point, and which rows y each tile reaches under any of
 * the image's clustered rotations. A tile is sent once for all of them, with the points; the rows' owner does the rest. Points in no
 * cluster go as slices (`extractSlices`). Which are, is each device's own affair: the reference has no clusters.
 */
export interface WeighTilesArgs extends Omit<InsertArgs, "accumulator"> {
  /** Tiles of the band. */
  readonly tileCount: number;
  /** f32 [activeCount][tileCount][3][16], overwritten; 0 where a tile has no pixel */
  readonly planes: DeviceBuffer;
  /**
   * i32 [activeCount][tileCount][4], overwritten: rows y + R + 1 [first, end) and [first, end) that together hold all rows touched, not
   * much more; 0, 0: none
   */
  readonly rows: DeviceBuffer;
  /** i32 [activeCount][rotationsPerImage], overwritten: 1 for a point with a weight that is in no cluster */
  readonly isLoose: DeviceBuffer;
}

/** The second half: images with the points of their clusters, or those tiles of them that touch the rows held, summed and rounded exactly as `insert` does. */
export interface InsertTilesArgs extends RowsArgs, Omit<BandArgs, "bandPixelCount"> {
  readonly pixelCount: number;
  readonly shellCount: number;
  readonly paddingFactor: number;
  readonly messageImageCount: number;
  readonly messageTileCount: number;
  readonly messagePointCount: number;
  readonly shiftsPerRotation: number;
  /** i32 [messageImageCount + 1] */
  readonly tileStart: DeviceBuffer;
  /** i32 [messageImageCount + 1] */
  readonly pointStart: DeviceBuffer;
  /** i32 [messageTileCount]: which tile of the band */
  readonly tiles: DeviceBuffer;
  /** f32 [messageTileCount][3][16] */
  readonly planes: DeviceBuffer;
  /** f32 [messagePointCount][4] */
  readonly rotations: DeviceBuffer;
  /** f32 [messagePointCount][T][2] */
  readonly shiftsPx: DeviceBuffer;
  /** f32 [messagePointCount][T], 0 or more */
  readonly weights: DeviceBuffer;
  /** i64 [rowCount][2R+3][R+2][3], added to */
  readonly accumulator: DeviceBuffer;
}

export function checkWeighTiles(args: WeighTilesArgs): void {
  checkInsertion("weighTiles", args);
  expectCount("weighTiles: tileCount", args.tileCount);
  const tiles = args.activeCount * args.tileCount;
  expectBuffer("weighTiles: planes", args.planes, "f32", TILE_FLOATS * tiles);
  expectBuffer("weighTiles: rows", args.rows, "i32", 4 * tiles);
  expectBuffer("weighTiles: isLoose", args.isLoose, "i32", args.activeCount * args.rotationsPerImage);
}

export function checkInsertTiles(args: InsertTilesArgs): void {
  const box = expectRows("insertTiles", args);
  expectCount("insertTiles: rowCount", args.rowCount, 1);
  expectPositive("insertTiles: paddingFactor", args.paddingFactor);
  for (const name of ["pixelCount", "messageImageCount", "messageTileCount", "messagePointCount"] as const) {
    expectCount(`insertTiles: ${name}`, args[name]);
  }
  for (const name of ["boxPx", "shellCount", "shiftsPerRotation"] as const)
    expectCount(`insertTiles: ${name}`, args[name], 1);
  for (const name of ["bandKx", "bandKy", "bandShell"] as const) {
    expectBuffer(`insertTiles: ${name}`, args[name], "i32", args.pixelCount);
  }
  for (const name of ["tileStart", "pointStart"] as const) {
    expectBuffer(`insertTiles: ${name}`, args[name], "i32", args.messageImageCount + 1);
  }
  expectBuffer("insertTiles: tiles", args.tiles, "i32", args.messageTileCount);
  expectBuffer("insertTiles: planes", args.planes, "f32", TILE_FLOATS * args.messageTileCount);
  expectBuffer("insertTiles: rotations", args.rotations, "f32", 4 * args.messagePointCount);
  const points = args.messagePointCount * args.shiftsPerRotation;
  expectBuffer("insertTiles: shiftsPx", args.shiftsPx, "f32", 2 * points);
  expectBuffer("insertTiles: weights", args.weights, "f32", points);
  expectBuffer("insertTiles: accumulator", args.accumulator, "i64", 3 * args.rowCount * box.sizeZ * box.sizeX);
}

export function weighTilesReference(args: WeighTilesArgs): void {
  const { source } = makeBandTiles(insertedPart(args));
  const active = hostI32(args.active);
  const imageWeight = hostF32(args.imageWeight);
  const images = hostF32(args.images);
  const planes = hostF32(args.planes);
  const weights = hostF32(args.weights);
  const isLoose = hostI32(args.isLoose);
  hostI32(args.rows).fill(0);
  for (let row = 0; row < args.activeCount; row++) {
    const image = active[row]!;
    const filter = pixelFilter(args, image, imageWeight[image]!);
    for (let m = row * args.rotationsPerImage; m < (row + 1) * args.rotationsPerImage; m++) {
      const own = weights.subarray(m * args.shiftsPerRotation, (m + 1) * args.shiftsPerRotation);
      isLoose[m] = imageWeight[image] !== 0 && own.some((weight) => weight !== 0) ? 1 : 0;
    }
    for (let place = 0; place < TILE_PIXELS * args.tileCount; place++) {
      const pixel = source[place]!;
      const at = TILE_FLOATS * (row * args.tileCount + Math.floor(place / TILE_PIXELS)) + (place % TILE_PIXELS);
      const plane = 2 * image * args.bandPixelCount + pixel;
      const [factor, power] = pixel < 0 ? [0, 0] : filter(pixel);
      planes[at] = pixel < 0 ? 0 : images[plane]! * factor * args.forwardScale;
      planes[at + TILE_PIXELS] = pixel < 0 ? 0 : images[plane + args.bandPixelCount]! * factor * args.forwardScale;
      planes[at + 2 * TILE_PIXELS] = power * args.weightScale;
    }
  }
}

export function insertTilesReference(args: InsertTilesArgs): void {
  const box = fourierBoxOfRadius(args.accumulatorRadiusPx);
  const rows = { ...args, box };
  const part = insertedPart(args);
  const { source } = makeBandTiles(part);
  const [tileStart, pointStart, tiles] = [hostI32(args.tileStart), hostI32(args.pointStart), hostI32(args.tiles)];
  const [planes, weights, shiftsPx] = [hostF32(args.planes), hostF32(args.weights), hostF32(args.shiftsPx)];
  for (let image = 0; image < args.messageImageCount; image++) {
    const sums = new ImageSums(box, (x, y, z) => {
      const row = y + args.accumulatorRadiusPx + 1 - args.firstRow;
      return row < 0 || row >= args.rowCount ? null : boxRowsIndex(rows, x, y, z);
    });
    for (let point = pointStart[image]!; point < pointStart[image + 1]!; point++) {
      const matrix = rotationMatrixAt(hostF32(args.rotations), point);
      for (let tile = tileStart[image]!; tile < tileStart[image + 1]!; tile++) {
        for (let j = 0; j < TILE_PIXELS; j++) {
          const pixel = source[TILE_PIXELS * tiles[tile]! + j]!;
          if (pixel < 0 || !isInsertedPixel(part, pixel)) continue;
          const [kx, ky] = [part.kx[pixel]!, part.ky[pixel]!];
          const at = TILE_FLOATS * tile + j;
          const value: [number, number, number] = [0, 0, 0];
          for (let t = point * args.shiftsPerRotation; t < (point + 1) * args.shiftsPerRotation; t++) {
            const weight = weights[t]!;
            if (weight === 0) continue;
            const phaseRad = (2 * Math.PI * (kx * shiftsPx[2 * t]! + ky * shiftsPx[2 * t + 1]!)) / args.boxPx;
            const [cos, sin] = [weight * Math.cos(phaseRad), weight * Math.sin(phaseRad)];
            value[0] += planes[at]! * cos - planes[at + TILE_PIXELS]! * sin;
            value[1] += planes[at]! * sin + planes[at + TILE_PIXELS]! * cos;
            value[2] += weight * planes[at + 2 * TILE_PIXELS]!;
          }
          sums.spread(slicePoint(args.paddingFactor, matrix, kx, ky), value);
        }
      }
    }
    sums.addTo(hostI64(args.accumulator), `insertTiles: image ${image}`);
  }
}
