import type { Band } from "./band.ts";

/** Pixels side by side in a row of `BandColumns`. */
export const COLUMN_LANES = 8;

/**
 * Pixels of a band, column by column: the order in which `compareCells` sums, first along ky, then along kx.
 *
 * A row is eight pixels (kx, ky ≥ 0) and their mates (kx, −ky). Rows come in chunks; within a chunk the kx of a lane stays the same, so that
 * one number per lane and shift is left for the sum along kx. A tall column may lie in several lanes.
 */
export interface BandColumns {
  readonly rowCount: number;
  /** [rowCount][2][8] signed frequency indices. */
  readonly kx: Int32Array;
  readonly ky: Int32Array;
  /** [rowCount][2][8] round(|k|); NO_SHELL where there is no pixel. */
  readonly shell: Int32Array;
  /** [rowCount][2][8] place in the band; −1: none. */
  readonly source: Int32Array;
  readonly chunkCount: number;
  /** [chunkCount + 1] first row of each chunk; the last entry is rowCount. */
  readonly chunkStart: Int32Array;
}

/** Beyond every band: `project` gives such pixels 0. */
export const NO_SHELL = 0x7fffffff;

interface Lane {
  readonly kx: number;
  /** ky ≥ 0 of its pixels. */
  readonly ky: readonly number[];
}

/** Pixels [firstPixel, pixelCount) of a band. */
export function makeBandColumns(band: Band, firstPixel: number, pixelCount: number): BandColumns {
  const placeOf = new Map<string, number>();
  const columns = new Map<number, Set<number>>();
  for (let pixel = firstPixel; pixel < pixelCount; pixel++) {
    const [kx, ky] = [band.kx[pixel]!, band.ky[pixel]!];
    placeOf.set(`${kx},${ky}`, pixel);
    columns.set(kx, (columns.get(kx) ?? new Set()).add(Math.abs(ky)));
  }
  const whole = [...columns].map(([kx, ky]) => ({ kx, ky: [...ky].sort((a, b) => a - b) }));
  whole.sort((a, b) => b.ky.length - a.ky.length || a.kx - b.kx);
  const chunks: Lane[][] = [];
  for (let first = 0; first < whole.length; first += COLUMN_LANES) {
    chunks.push(fillLanes(whole.slice(first, first + COLUMN_LANES)));
  }
  const chunkStart = new Int32Array(chunks.length + 1);
  chunks.forEach((lanes, c) => {
    chunkStart[c + 1] = chunkStart[c]! + Math.max(...lanes.map((lane) => lane.ky.length));
  });
  const rowCount = chunkStart[chunks.length]!;
  const length = 2 * COLUMN_LANES * rowCount;
  const out = {
    kx: new Int32Array(length),
    ky: new Int32Array(length),
    shell: new Int32Array(length).fill(NO_SHELL),
    source: new Int32Array(length).fill(-1),
  };
  chunks.forEach((lanes, c) => {
    for (let row = chunkStart[c]!; row < chunkStart[c + 1]!; row++) {
      lanes.forEach((lane, l) => {
        const ky = lane.ky[row - chunkStart[c]!];
        for (const [half, sign] of [1, -1].entries()) {
          const at = (2 * row + half) * COLUMN_LANES + l;
          out.kx[at] = lane.kx;
          if (ky === undefined || (half === 1 && ky === 0)) continue;
          out.ky[at] = sign * ky;
          const pixel = placeOf.get(`${lane.kx},${sign * ky}`);
          if (pixel === undefined) continue;
          out.source[at] = pixel;
          out.shell[at] = band.shell[pixel]!;
        }
      });
    }
  });
  return { rowCount, ...out, chunkCount: chunks.length, chunkStart };
}

/** At most eight columns in eight lanes: where lanes are left over, the tallest columns are cut. */
function fillLanes(columns: readonly Lane[]): Lane[] {
  const pieces = columns.map(() => 1);
  const height = (c: number) => Math.ceil(columns[c]!.ky.length / pieces[c]!);
  for (let used = columns.length; used < COLUMN_LANES; used++) {
    let tallest = 0;
    for (let c = 1; c < columns.length; c++) if (height(c) > height(tallest)) tallest = c;
    pieces[tallest]!++;
  }
  return columns.flatMap(({ kx, ky }, c) =>
    Array.from({ length: pieces[c]! }, (_, piece) => ({
      kx,
      ky: ky.slice(piece * height(c), (piece + 1) * height(c)),
    })),
  );
}
