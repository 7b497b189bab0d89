import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";

/** Elements that cross from the device at once: bounds the copy in host memory to 32 MB. */
const PIECE = 2 ** 22;

/** Fixed-point sums of all ranks into every rank's accumulator: exact, so any number of ranks gives the same bytes. Collective. */
export async function sumAccumulator(device: Device, comm: Communicator, accumulator: DeviceBuffer): Promise<void> {
  if (comm.size === 1) return;
  for (let first = 0; first < accumulator.length; first += PIECE) {
    const count = Math.min(PIECE, accumulator.length - first);
    const piece = (await device.read(accumulator, first, count)) as BigInt64Array;
    await comm.allReduceSumFixed(piece);
    device.write(accumulator, piece, first);
  }
}
