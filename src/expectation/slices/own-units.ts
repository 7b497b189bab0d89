import type { Device } from "../../device/types.ts";
import type { SliceSet } from "./types.ts";
import { cutUnit, type SliceUnit, unitLength } from "./units.ts";

/** Cuts units one after the other into host memory. */
export async function cutUnits(
  device: Device,
  set: SliceSet,
  units: readonly SliceUnit[],
  out: Float32Array,
): Promise<void> {
  if (units.length === 0) return;
  const buffer = device.allocate("f32", unitLength(set, units[0]!));
  try {
    let place = 0;
    for (const unit of units) {
      const length = unitLength(set, unit);
      cutUnit(device, set, unit, buffer);
      await device.read(buffer, 0, length, out.subarray(place, place + length));
      place += length;
    }
  } finally {
    buffer.free();
  }
}
