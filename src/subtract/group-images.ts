import type { Device } from "../device/types.ts";
import { resampleMap } from "../map/resample.ts";
import type { ImageSource } from "../particles/image-source.ts";
import type { ParticleTable } from "../particles/table.ts";
import { selectParticles } from "../particles/table.ts";
import { modelBatch } from "../simulate/model-batch.ts";
import { Projector } from "../simulate/projector.ts";
import type { SubtractionMaps } from "./read-maps.ts";

/** Optics groups whose images lie on one grid: box and pixel size. */
export interface ImageGrid {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Indices of optics groups. */
  readonly groups: readonly number[];
}

const SAME_PIXEL = 1e-5;

export function imageGrids(table: ParticleTable, source: ImageSource): ImageGrid[] {
  const grids: { boxPx: number; pixelSizeA: number; groups: number[] }[] = [];
  table.opticsGroups.forEach(({ pixelSizeA }, group) => {
    if (!table.opticsGroup.includes(group)) return;
    const boxPx = source.groupBoxPx[group]!;
    const grid = grids.find(
      (other) => other.boxPx === boxPx && Math.abs(other.pixelSizeA / pixelSizeA - 1) < SAME_PIXEL,
    );
    if (grid) grid.groups.push(group);
    else grids.push({ boxPx, pixelSizeA, groups: [group] });
  });
  return grids;
}

/** Projections of a map, or of part of it, as they lie in the stored images of one grid: each half-set has its own map. */
export class GridProjector {
  readonly #projectors: readonly [Projector, Projector];

  /** @param part  [N³] laid on the maps before they are projected; null: all of them */
  constructor(
    device: Device,
    { maps, boxPx, pixelSizeA }: SubtractionMaps,
    part: Float32Array | null,
    grid: ImageGrid,
    paddingFactor: number,
  ) {
    const make = (map: Float32Array) => {
      const cut = part === null ? map : map.map((value, i) => value * part[i]!);
      // Projections are sums along the line of sight: in longer steps of the same density they are smaller.
      const factor = pixelSizeA / grid.pixelSizeA;
      const placed = resampleMap(cut, { boxPx, pixelSizeA }, grid).map((value) => value / factor);
      return new Projector(device, placed, grid.boxPx, grid.pixelSizeA, paddingFactor);
    };
    const first = make(maps[0]);
    this.#projectors = [first, maps[1] === maps[0] ? first : make(maps[1])];
  }

  /** [rows × box²] noise-free images of rows of the table, CTF, aberrations and shifts as stored. @param halfSet  [particles] 1 or 2 */
  async images(table: ParticleTable, rows: Int32Array, halfSet: Uint8Array): Promise<Float32Array> {
    const [first, second] = this.#projectors;
    const pixels = first.boxPx ** 2;
    const out = new Float32Array(rows.length * pixels);
    for (const half of [1, 2] as const) {
      const projector = half === 1 ? first : second;
      const places = [...rows.keys()].filter((i) => halfSet[rows[i]!] === half);
      if (places.length === 0) continue;
      const part = selectParticles(
        table,
        places.map((i) => rows[i]!),
      );
      const images = await projector.makeImages(modelBatch(part, 0, part.count, !table.hasCtf));
      places.forEach((place, i) => {
        out.set(images.subarray(i * pixels, (i + 1) * pixels), place * pixels);
      });
    }
    return out;
  }

  close(): void {
    for (const projector of new Set(this.#projectors)) projector.close();
  }
}
