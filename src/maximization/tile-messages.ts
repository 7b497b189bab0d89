import { TILE_FLOATS } from "../device/ops/tile-insert.ts";

/** Some images on the host, as `weighTiles` gives them, with the points of each that have a weight. */
export interface TileBatch {
  readonly imageCount: number;
  /** Tiles of the band. */
  readonly tileCount: number;
  readonly shiftsPerRotation: number;
  /** [imageCount][tileCount][3][16] */
  readonly planes: Float32Array;
  /** [imageCount][tileCount][4] rows touched: [first, end) twice */
  readonly rows: Int32Array;
  /** [imageCount + 1] */
  readonly pointStart: Int32Array;
  /** [points][4], [points][T][2], [points][T] */
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly weights: Float32Array;
}

/** What one rank gets of a batch: the tiles that touch its rows and their images' points, as `insertTiles` takes them. */
export interface TileMessage {
  readonly imageCount: number;
  readonly tileCount: number;
  readonly pointCount: number;
  readonly shiftsPerRotation: number;
  readonly tileStart: Int32Array;
  readonly pointStart: Int32Array;
  readonly tiles: Int32Array;
  readonly planes: Float32Array;
  readonly rotations: Float32Array;
  readonly shiftsPx: Float32Array;
  readonly weights: Float32Array;
}

const HEADER_WORDS = 4;

/**
 * The images of a batch that touch the rows [firstRow, endRow), as bytes: a header of four counts, then the arrays of a `TileMessage`. A tile
 * goes to every rank that it touches. Empty where nothing does.
 */
export function packTiles(batch: TileBatch, firstRow: number, endRow: number): Uint8Array {
  if (firstRow >= endRow) return new Uint8Array(0);
  const { tileCount, rows, pointStart, shiftsPerRotation } = batch;
  const isWithin = (at: number) => rows[at]! < endRow && rows[at + 1]! > firstRow;
  const tileStart = [0];
  const starts = [0];
  const images: number[] = [];
  const places: number[] = [];
  for (let image = 0; image < batch.imageCount; image++) {
    const before = places.length;
    for (let place = image * tileCount; place < (image + 1) * tileCount; place++) {
      if (isWithin(4 * place) || isWithin(4 * place + 2)) places.push(place);
    }
    if (places.length === before) continue;
    images.push(image);
    tileStart.push(places.length);
    starts.push(starts[starts.length - 1]! + pointStart[image + 1]! - pointStart[image]!);
  }
  if (images.length === 0) return new Uint8Array(0);
  const counts = [images.length, places.length, starts[starts.length - 1]!, shiftsPerRotation] as const;
  // Messages follow each other, and those of slices hold doubles: multiples of 8.
  const bytes = new Uint8Array(8 * Math.ceil(wordsOf(counts) / 2));
  new Int32Array(bytes.buffer, 0, HEADER_WORDS).set(counts);
  const message = unpackTiles(bytes);
  message.tileStart.set(tileStart);
  message.pointStart.set(starts);
  places.forEach((place, i) => {
    message.tiles[i] = place % tileCount;
    message.planes.set(batch.planes.subarray(TILE_FLOATS * place, TILE_FLOATS * (place + 1)), TILE_FLOATS * i);
  });
  images.forEach((image, i) => {
    for (const [name, width] of [
      ["rotations", 4],
      ["shiftsPx", 2 * shiftsPerRotation],
      ["weights", shiftsPerRotation],
    ] as const) {
      const own = batch[name].subarray(width * pointStart[image]!, width * pointStart[image + 1]!);
      message[name].set(own, width * starts[i]!);
    }
  });
  return bytes;
}

/** Whether a message is one of tiles: that of slices has a 0 where this has the shifts of a rotation. */
export function isTileMessage(bytes: Uint8Array): boolean {
  return new Int32Array(bytes.buffer, bytes.byteOffset, HEADER_WORDS)[3] !== 0;
}

/** The parts of a message: views of `bytes`, which must begin at a multiple of 8. */
export function unpackTiles(bytes: Uint8Array): TileMessage {
  const header = new Int32Array(bytes.buffer, bytes.byteOffset, HEADER_WORDS);
  const [imageCount, tileCount, pointCount, shiftsPerRotation] = header as unknown as [number, number, number, number];
  let next = bytes.byteOffset + 4 * HEADER_WORDS;
  const take = <A>(make: new (buffer: ArrayBufferLike, offset: number, length: number) => A, length: number): A => {
    const array = new make(bytes.buffer, next, length);
    next += 4 * length;
    return array;
  };
  return {
    imageCount,
    tileCount,
    pointCount,
    shiftsPerRotation,
    tileStart: take(Int32Array, imageCount + 1),
    pointStart: take(Int32Array, imageCount + 1),
    tiles: take(Int32Array, tileCount),
    planes: take(Float32Array, TILE_FLOATS * tileCount),
    rotations: take(Float32Array, 4 * pointCount),
    shiftsPx: take(Float32Array, 2 * shiftsPerRotation * pointCount),
    weights: take(Float32Array, shiftsPerRotation * pointCount),
  };
}

function wordsOf([images, tiles, points, shifts]: readonly [number, number, number, number]): number {
  return HEADER_WORDS + 2 * (images + 1) + (1 + TILE_FLOATS) * tiles + (4 + 3 * shifts) * points;
}
