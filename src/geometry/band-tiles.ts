/** Side of a tile of image pixels, and how many pixels that is: what insertion adds up in one small box of voxels. */
export const TILE_SIDE = 4;
export const TILE_PIXELS = TILE_SIDE * TILE_SIDE;

/** The pixels of a band in tiles of 4 × 4, in raster order of the tiles; tiles without a pixel are left out. */
export interface BandTiles {
  readonly count: number;
  /** [count][16] place of each pixel in the band, kx fastest; −1: none. */
  readonly source: Int32Array;
}

export interface BandPart {
  readonly kx: Int32Array;
  readonly ky: Int32Array;
  readonly shell: Int32Array;
  /** Pixels [0, pixelCount) of the band … */
  readonly pixelCount: number;
  /** … with a shell below this … */
  readonly shellCount: number;
  /** … and paddingFactor · |k| ≤ radiusPx. */
  readonly paddingFactor: number;
  readonly radiusPx: number;
}

/** Whether a pixel of the band is inserted. */
export function isInsertedPixel(part: BandPart, pixel: number): boolean {
  const squared = part.kx[pixel]! ** 2 + part.ky[pixel]! ** 2;
  return part.shell[pixel]! < part.shellCount && part.paddingFactor ** 2 * squared <= part.radiusPx ** 2;
}

export function makeBandTiles(part: BandPart): BandTiles {
  const pixels = Array.from({ length: part.pixelCount }, (_, pixel) => pixel).filter((p) => isInsertedPixel(part, p));
  const maxKy = pixels.reduce((most, p) => Math.max(most, Math.abs(part.ky[p]!)), 0);
  const maxKx = pixels.reduce((most, p) => Math.max(most, part.kx[p]!), 0);
  const columns = Math.floor(maxKx / TILE_SIDE) + 1;
  const tiles = new Map<number, Int32Array>();
  for (const pixel of pixels) {
    const [x, y] = [part.kx[pixel]!, part.ky[pixel]! + maxKy];
    const place = Math.floor(y / TILE_SIDE) * columns + Math.floor(x / TILE_SIDE);
    const tile = tiles.get(place) ?? new Int32Array(TILE_PIXELS).fill(-1);
    tile[(y % TILE_SIDE) * TILE_SIDE + (x % TILE_SIDE)] = pixel;
    tiles.set(place, tile);
  }
  const source = new Int32Array(TILE_PIXELS * tiles.size);
  const inOrder = [...tiles].sort(([a], [b]) => a - b);
  inOrder.forEach(([, tile], i) => {
    source.set(tile, TILE_PIXELS * i);
  });
  return { count: tiles.size, source };
}
