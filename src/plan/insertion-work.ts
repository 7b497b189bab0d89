import { SLICE_PIXEL_WORDS } from "../device/ops/slab-insert.ts";
import { TILE_FLOATS } from "../device/ops/tile-insert.ts";
import type { Band } from "../geometry/band.ts";
import { makeBandTiles } from "../geometry/band-tiles.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";
import { insertFlops } from "./kernel-flops.ts";
import type { KernelRates } from "./kernel-rates.ts";

/** What insertion does with one image: clusters of near rotations tile by tile, the other rotations pixel by pixel. */
export interface InsertionWork {
  readonly pixelCount: number;
  readonly tileCount: number;
  /** Rotations of an image that are inserted, shifts of each. */
  readonly rotations: number;
  readonly shifts: number;
  /** Share of the rotations that are in no cluster. */
  readonly looseShare: number;
  /** What a rotation costs, of what the benchmark's do: clouds of a first round are wide and loose, those of a local one narrow. */
  readonly cost: number;
  /** Rows that a tile reaches under the rotations of its cluster, on average. */
  readonly tileRows: number;
  /** Rows y of the box: what owners share. */
  readonly rowCount: number;
}

/** A rotation in no cluster costs this much more than one in a cluster (docs/decisions/0017-insertion-by-clusters.md). */
const LOOSE_COST = 3;
/**
 * Rotations in no cluster and rows of a tile by stage, as the posteriors of a refinement of 400 images of ribosome-64 had them (rounds 1,
 * 2 to 4, 5 and 6); cost from refinements of 40 and 64 px.
 */
const CLOUDS = {
  first: { looseShare: 0.53, tileRows: 34, cost: 2 },
  global: { looseShare: 0.06, tileRows: 18, cost: 1 },
  local: { looseShare: 0, tileRows: 13, cost: 0.75 },
  final: { looseShare: 0, tileRows: 13, cost: 0.75 },
} as const;
/** Share of a box's rows that a slice through its middle crosses: π/4, the mean over directions. */
const CROSSED_ROWS = Math.PI / 4;

/** Insertion of images up to `maxShell`, in a round of this stage. */
export function insertionWork(
  stage: keyof typeof CLOUDS,
  band: Band,
  maxShell: number,
  paddingFactor: number,
  points: { readonly rotations: number; readonly shifts: number },
): InsertionWork {
  const { radiusPx, sizeY: rowCount } = fourierBoxFor(maxShell, paddingFactor);
  const pixelCount = band.shellStart[maxShell + 1]!;
  const { count: tileCount } = makeBandTiles({
    ...band,
    pixelCount,
    shellCount: maxShell + 1,
    paddingFactor,
    radiusPx,
  });
  return { pixelCount, tileCount, ...points, ...CLOUDS[stage], rowCount };
}

/** Flops of one image's insertion, at the rate of the benchmark's clouds. */
export function insertedFlops({ pixelCount, rotations, shifts, cost }: InsertionWork): number {
  return cost * insertFlops(pixelCount, rotations, shifts);
}

/** Owners of rows, of so many, that a tile of a cluster is sent to: each of them sums it, and rounds what it holds. */
export function ownersOfTile({ rowCount, tileRows }: InsertionWork, owners: number): number {
  const holding = Math.min(owners, rowCount);
  return Math.min(holding, 1 + ((tileRows - 1) * holding) / rowCount);
}

/**
 * What the owner of most does, of what each would do at even shares: rows near the middle are crossed by slices of every direction, those at
 * the edge by few (a density that falls linearly), and further owners than there are rows have nothing.
 */
export function fullestOwner({ rowCount }: InsertionWork, owners: number): number {
  const holding = Math.min(owners, rowCount);
  return (owners / holding) * (2 - (holding % 2 === 0 ? 2 : 1) / holding);
}

/** Orchestration of one image's tiles on the way to the owners. */
export function packingSeconds(work: InsertionWork, owners: number, { hostSeconds }: KernelRates): number {
  return hostSeconds.packing + hostSeconds.packedTile * work.tileCount * ownersOfTile(work, owners);
}

/** Tiles of some images travel together: up to 8 MiB (src/maximization/tile-batches.ts), a message from every rank to every other. */
export function messageSeconds(work: InsertionWork, images: number, owners: number, rates: KernelRates): number {
  const perRound = Math.max(1, Math.floor((8 << 20) / (4 * TILE_FLOATS * Math.max(1, work.tileCount))));
  return Math.ceil(images / perRound) * Math.min(owners, work.rowCount) * rates.hostSeconds.message;
}

/** How much more one image's insertion is for all owners together than for one that holds every row. */
export function repeatedInsertion(work: InsertionWork, owners: number): number {
  const loose = LOOSE_COST * work.looseShare;
  const clustered = 1 - work.looseShare;
  return (clustered * ownersOfTile(work, owners) + loose * ownersOfPixel(work, owners)) / (clustered + loose);
}

/** Bytes that one image's insertion sends to the owners of rows, itself included. */
export function sentToOwners(work: InsertionWork, owners: number): number {
  const { pixelCount, tileCount, rotations, shifts, looseShare } = work;
  const tiles = tileCount * (4 * TILE_FLOATS + 4) * ownersOfTile(work, owners);
  // The points of an image go to whoever gets a tile of it.
  const points =
    (1 - looseShare) * rotations * (16 + 12 * shifts) * Math.max(1, CROSSED_ROWS * Math.min(owners, work.rowCount));
  const loose = looseShare * rotations * pixelCount * 4 * SLICE_PIXEL_WORDS * ownersOfPixel(work, owners);
  return (looseShare < 1 ? tiles : 0) + points + loose;
}

/** A pixel lies between two rows. */
function ownersOfPixel({ rowCount }: InsertionWork, owners: number): number {
  return Math.min(owners, 1 + Math.min(owners, rowCount) / rowCount);
}
