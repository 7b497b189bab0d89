import { bytesOf, ownShare, shareOf } from "../../comm/share.ts";
import type { Communicator } from "../../comm/types.ts";
import type { DeviceBuffer } from "../../device/buffer.ts";
import type { Device } from "../../device/types.ts";
import { cutUnits } from "./own-units.ts";
import type { SliceSet, SliceSource } from "./types.ts";
import { unitLength, unitsOf } from "./units.ts";

/**
 * Every rank cuts its share of the slices, and all are brought together once: by an all-gather, or by an all-reduce over arrays that are
 * zero outside the share (what Qiao et al. 2019 start from; it moves about twice as much). The whole set is then held.
 */
export async function gatheredSlices(
  device: Device,
  set: SliceSet,
  comm: Communicator,
  mode: "allgather" | "allreduce",
): Promise<SliceSource> {
  const units = unitsOf(set.count);
  const begins = [0];
  for (const unit of units) begins.push(begins[unit.index]! + unitLength(set, unit));
  const all = new Float32Array(begins[units.length]!);
  const share = ownShare(units.length, comm);
  const own = all.subarray(begins[share.first], begins[share.end]);
  await cutUnits(device, set, units.slice(share.first, share.end), own);
  if (mode === "allgather") {
    const counts = Array.from({ length: comm.size }, (_, rank) => {
      const { first, end } = shareOf(units.length, rank, comm.size);
      return 4 * (begins[end]! - begins[first]!);
    });
    await comm.allGather(bytesOf(own.slice()), bytesOf(all), counts);
  } else {
    // Words of 64 bits: all but one rank add zero, so that bits come through as they are, −0 included.
    await comm.allReduceSumFixed(new BigInt64Array(all.buffer, 0, all.length / 2));
  }
  const held: DeviceBuffer[] = units.map((unit) =>
    device.upload(all.subarray(begins[unit.index], begins[unit.index + 1])),
  );
  return {
    mode,
    async *blocks() {
      for (const unit of units) yield { slices: held[unit.index]!, first: unit.first, count: unit.count };
    },
    async finish() {
      for (const buffer of held) buffer.free();
    },
  };
}
