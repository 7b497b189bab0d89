import { readMapFile } from "../io/node/map-file.ts";
import { type Axis, centralSlice, greyPngUrl, greyRange, sumProjection } from "../map/planes.ts";

/** A plane of the map as an image, and what it shows. */
export interface MapPicture {
  readonly url: string;
  readonly axis: Axis;
  readonly kind: "slice" | "projection";
  /** Width of the picture in the specimen, Å. */
  readonly widthA: number;
}

/** Pixels beyond which a picture is halved: a page shows no more. */
const MOST_PX = 400;

/** Central slices and projections along z, y, x of the map, or of the mean of two half maps. */
export function mapPictures(paths: readonly string[]): MapPicture[] {
  const maps = paths.map(readMapFile);
  const first = maps[0];
  if (first === undefined || first.sizeX !== first.sizeY || first.sizeX !== first.sizeZ) return [];
  const boxPx = first.sizeX;
  const map = first.data;
  for (const other of maps.slice(1)) for (let i = 0; i < map.length; i++) map[i]! += other.data[i]!;
  const widthA = boxPx * (first.pixelSizeA > 0 ? first.pixelSizeA : 1);
  const axes = ["z", "y", "x"] as const;
  return (["slice", "projection"] as const).flatMap((kind) => {
    const planes = axes.map((axis) =>
      shrunk((kind === "slice" ? centralSlice : sumProjection)(map, boxPx, axis), boxPx),
    );
    const range = greyRange(planes.map(({ values }) => values));
    return planes.map(({ values, sidePx }, i) => ({
      url: greyPngUrl(values, sidePx, range),
      axis: axes[i]!,
      kind,
      widthA,
    }));
  });
}

/** Means over squares of pixels until the picture is small enough. */
function shrunk(values: Float32Array, boxPx: number): { values: Float32Array; sidePx: number } {
  const step = Math.ceil(boxPx / MOST_PX);
  if (step === 1) return { values, sidePx: boxPx };
  const sidePx = Math.floor(boxPx / step);
  const out = new Float32Array(sidePx * sidePx);
  for (let y = 0; y < sidePx * step; y++) {
    for (let x = 0; x < sidePx * step; x++) {
      out[Math.floor(y / step) * sidePx + Math.floor(x / step)]! += values[y * boxPx + x]! / step ** 2;
    }
  }
  return { values: out, sidePx };
}
