/**
 * A real map or its transform, spread over the ranks of a communicator: nobody holds it whole. Maps lie in planes z, transforms
 * in rows y, so that each of the three axes is whole on some rank on the way from one to the other.
 */

import { evenShares } from "../comm/even-shares.ts";
import { gatherNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";

/** Planes z of a map: data [planeCount][boxPx][boxPx]. */
export interface MapSlab {
  readonly boxPx: number;
  readonly firstPlane: number;
  readonly planeCount: number;
  readonly data: Float32Array;
}

/** Rows y of a half-complex transform: data [boxPx z][rowCount][halfLength][2], kz and ky wrapped. */
export interface TransformSlab {
  readonly boxPx: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly data: Float32Array;
}

/** First plane of each rank, and the end. */
export function planeStarts(comm: Communicator, boxPx: number): number[] {
  return evenShares(boxPx, comm.size);
}

/** This rank's planes of a map that is whole here (one piece of its memory, not a copy). */
export function slabOfMap(comm: Communicator, map: Float32Array, boxPx: number): MapSlab {
  const starts = planeStarts(comm, boxPx);
  const [first, end] = [starts[comm.rank]!, starts[comm.rank + 1]!];
  return {
    boxPx,
    firstPlane: first,
    planeCount: end - first,
    data: map.subarray(first * boxPx * boxPx, end * boxPx * boxPx),
  };
}

/** The whole map on every rank: for those who need it whole, as a reference that slices are cut from. */
export async function gatherMap(comm: Communicator, slab: MapSlab): Promise<Float32Array> {
  if (comm.size === 1) return slab.data;
  const { boxPx } = slab;
  const starts = planeStarts(comm, boxPx);
  const map = new Float32Array(boxPx ** 3);
  const counts = starts.slice(1).map((end, rank) => (end - starts[rank]!) * boxPx * boxPx);
  await gatherNumbers(comm, slab.data, map, counts);
  return map;
}
