import { bytesOf } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import { encodePixels, makeMrcHeader } from "../io/mrc/encode.ts";
import { MRC_HEADER_BYTES } from "../io/mrc/header.ts";
import { PixelStatistics } from "../io/mrc/statistics.ts";
import { AtomicFile } from "../io/node/atomic-write.ts";
import { type MapSlab, planeStarts } from "../map/map-slab.ts";

/** Any tag that nothing else uses while maps are written. */
const TAG = 0x4d52;
/** Planes that travel together: about this many bytes. */
const MESSAGE_BYTES = 4 << 20;

/**
 * Writes a map that lies in planes on the ranks of `comm`, whole or not at all, with the bytes that one process writes: rank 0
 * appends its own planes, then those of the others as they come, some at a time, so that nobody holds the map. All ranks call.
 */
export async function writeMapSlab(comm: Communicator, path: string, slab: MapSlab, pixelSizeA: number): Promise<void> {
  const { boxPx } = slab;
  const perMessage = Math.max(1, Math.floor(MESSAGE_BYTES / (4 * boxPx * boxPx)));
  const plane = boxPx * boxPx;
  if (comm.rank > 0) {
    for (let first = 0; first < slab.planeCount; first += perMessage) {
      const planes = slab.data.subarray(first * plane, Math.min(first + perMessage, slab.planeCount) * plane);
      await comm.send(bytesOf(planes), 0, TAG);
    }
    await comm.barrier();
    return;
  }
  const starts = planeStarts(comm, boxPx);
  const statistics = new PixelStatistics();
  const file = AtomicFile.create(path, { expectedBytes: MRC_HEADER_BYTES + 4 * boxPx ** 3 });
  try {
    file.append(new Uint8Array(MRC_HEADER_BYTES));
    for (let rank = 0; rank < comm.size; rank++) {
      for (let first = starts[rank]!; first < starts[rank + 1]!; first += perMessage) {
        const count = Math.min(perMessage, starts[rank + 1]! - first);
        const planes =
          rank === 0 ? slab.data.subarray(first * plane, (first + count) * plane) : new Float32Array(count * plane);
        if (rank > 0) await comm.receive(bytesOf(planes), rank, TAG);
        for (let p = 0; p < count; p++) statistics.add(planes.subarray(p * plane, (p + 1) * plane));
        file.append(encodePixels(planes, 2));
      }
    }
    const sizes = { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx };
    file.overwrite(0, makeMrcHeader({ ...sizes, pixelSizeA, mode: 2, isVolume: true, statistics }));
    file.commit();
  } finally {
    file.discard();
  }
  await comm.barrier();
}
