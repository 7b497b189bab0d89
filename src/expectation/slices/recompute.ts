import type { Device } from "../../device/types.ts";
import type { SliceSet, SliceSource } from "./types.ts";
import { cutUnit, unitLength, unitsOf } from "./units.ts";

/** Every rank cuts every slice, in each pass anew: nothing is sent and nothing kept. */
export function recomputedSlices(device: Device, set: SliceSet): SliceSource {
  const units = unitsOf(set.count);
  return {
    mode: "recompute",
    async *blocks() {
      if (units.length === 0) return;
      const slices = device.allocate("f32", unitLength(set, units[0]!));
      try {
        for (const unit of units) {
          cutUnit(device, set, unit, slices);
          yield { slices, first: unit.first, count: unit.count };
        }
      } finally {
        slices.free();
      }
    },
    async finish() {},
  };
}
