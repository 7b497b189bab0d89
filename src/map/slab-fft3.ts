import { evenShares } from "../comm/even-shares.ts";
import { exchangeNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import type { Device } from "../device/types.ts";
import { halfLength } from "../geometry/shells.ts";
import { type MapSlab, planeStarts, type TransformSlab } from "./map-slab.ts";

/**
 * The 3D transforms of maps in slabs: 2D transforms of a rank's planes, one all-to-all, transforms along z of its rows y. The
 * same plans in the same order as a device's own 3D transform, so one rank or many give its bytes. All ranks of `comm` call.
 */
export interface SlabFft3 {
  /** Unnormalised, exp(−2πi). */
  forward(map: MapSlab): Promise<TransformSlab>;
  /** Divided by boxPx³. `transform` is left as it was. */
  inverse(transform: TransformSlab): Promise<MapSlab>;
}

export function makeSlabFft3(device: Device, comm: Communicator): SlabFft3 {
  return {
    async forward({ boxPx, planeCount, data }) {
      const shares = sharesOf(comm, boxPx);
      const half = halfLength(boxPx);
      const rowCount = shares.rowEnd - shares.firstRow;
      const complex = device.allocate("f32", 2 * boxPx * half * Math.max(planeCount, rowCount));
      try {
        using real = device.upload(data);
        device.fftPlanes({ sizePx: boxPx, planeCount, direction: "forward", scale: 1, real, complex });
        const planes = (await device.read(complex, 0, 2 * planeCount * boxPx * half)) as Float32Array;
        const outgoing = comm.size === 1 ? planes : rowsFirst(planes, planeCount, boxPx, shares.rows);
        const rows = await exchangeNumbers(
          comm,
          outgoing,
          shares.rowCounts.map((rows) => 2 * planeCount * rows * half),
          new Float32Array(comm.size === 1 ? 0 : 2 * boxPx * rowCount * half),
          shares.planeCounts.map((planes) => 2 * planes * rowCount * half),
        );
        device.write(complex, rows);
        device.fftLines({ depth: boxPx, lineCount: rowCount * half, direction: "forward", complex });
        const out = (await device.read(complex, 0, 2 * boxPx * rowCount * half)) as Float32Array;
        return { boxPx, firstRow: shares.firstRow, rowCount, data: out };
      } finally {
        complex.free();
      }
    },
    async inverse({ boxPx, rowCount, data }) {
      const shares = sharesOf(comm, boxPx);
      const half = halfLength(boxPx);
      const planeCount = shares.planeEnd - shares.firstPlane;
      const complex = device.allocate("f32", 2 * boxPx * half * Math.max(planeCount, rowCount));
      try {
        device.write(complex, data);
        device.fftLines({ depth: boxPx, lineCount: rowCount * half, direction: "inverse", complex });
        const rows = (await device.read(complex, 0, 2 * boxPx * rowCount * half)) as Float32Array;
        const incoming = await exchangeNumbers(
          comm,
          rows,
          shares.planeCounts.map((planes) => 2 * planes * rowCount * half),
          new Float32Array(comm.size === 1 ? 0 : 2 * planeCount * boxPx * half),
          shares.rowCounts.map((rows) => 2 * planeCount * rows * half),
        );
        device.write(complex, comm.size === 1 ? incoming : planesFirst(incoming, planeCount, boxPx, shares.rows));
        using real = device.allocate("f32", planeCount * boxPx * boxPx);
        const scale = 1 / boxPx ** 3;
        device.fftPlanes({ sizePx: boxPx, planeCount, direction: "inverse", scale, real, complex });
        const out = (await device.read(real)) as Float32Array;
        return { boxPx, firstPlane: shares.firstPlane, planeCount, data: out };
      } finally {
        complex.free();
      }
    },
  };
}

function sharesOf(comm: Communicator, boxPx: number) {
  const planes = planeStarts(comm, boxPx);
  const rows = evenShares(boxPx, comm.size);
  const counts = (starts: readonly number[]) => starts.slice(1).map((end, rank) => end - starts[rank]!);
  return {
    rows,
    firstRow: rows[comm.rank]!,
    rowEnd: rows[comm.rank + 1]!,
    rowCounts: counts(rows),
    firstPlane: planes[comm.rank]!,
    planeEnd: planes[comm.rank + 1]!,
    planeCounts: counts(planes),
  };
}

/** [planes][rows of all][half] → for each rank in turn [planes][its rows][half]. */
function rowsFirst(planes: Float32Array, planeCount: number, boxPx: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(planes.length);
  forEachPiece(planeCount, boxPx, rows, (inPlanes, inBlocks, length) => {
    out.set(planes.subarray(inPlanes, inPlanes + length), inBlocks);
  });
  return out;
}

/** The way back. */
function planesFirst(blocks: Float32Array, planeCount: number, boxPx: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(blocks.length);
  forEachPiece(planeCount, boxPx, rows, (inPlanes, inBlocks, length) => {
    out.set(blocks.subarray(inBlocks, inBlocks + length), inPlanes);
  });
  return out;
}

function forEachPiece(
  planeCount: number,
  boxPx: number,
  rows: readonly number[],
  visit: (inPlanes: number, inBlocks: number, length: number) => void,
): void {
  const rowFloats = 2 * halfLength(boxPx);
  let inBlocks = 0;
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const length = (rows[rank + 1]! - rows[rank]!) * rowFloats;
    for (let plane = 0; plane < planeCount; plane++, inBlocks += length) {
      visit((plane * boxPx + rows[rank]!) * rowFloats, inBlocks, length);
    }
  }
}
