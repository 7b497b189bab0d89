import type { DeviceBuffer } from "../../device/buffer.ts";
import { SLICE_PANEL, slicePanelLength } from "../../device/ops/project.ts";
import type { Device } from "../../device/types.ts";
import type { SliceSet } from "./types.ts";

/** Panels of the largest unit: 1024 slices. */
const MOST_PANELS = 64;
/** A small set is cut into so many units at least, so that several ranks have a share. */
const FEWEST_UNITS = 16;

/** Consecutive slices of a set that are cut, sent and compared together. */
export interface SliceUnit {
  readonly index: number;
  readonly first: number;
  readonly count: number;
}

/** The units of a set: a function of its size alone, so that they are the same for any number of ranks. */
export function unitsOf(sliceCount: number): SliceUnit[] {
  const panels = Math.ceil(sliceCount / SLICE_PANEL);
  const perUnit = SLICE_PANEL * Math.min(MOST_PANELS, Math.max(1, Math.ceil(panels / FEWEST_UNITS)));
  return Array.from({ length: Math.ceil(sliceCount / perUnit) }, (_, index) => ({
    index,
    first: index * perUnit,
    count: Math.min(perUnit, sliceCount - index * perUnit),
  }));
}

/** Floats that a unit takes on the device and on the way. */
export function unitLength({ cut }: SliceSet, unit: SliceUnit): number {
  const pixels = cut.pixelCount - cut.firstPixel;
  return cut.layout === "panels" ? slicePanelLength(unit.count, pixels) : unit.count * 2 * pixels;
}

/** Enqueues the cutting of a unit's slices into a buffer. */
export function cutUnit(device: Device, set: SliceSet, unit: SliceUnit, out: DeviceBuffer): void {
  const from = set.quaternions.subarray(4 * unit.first, 4 * (unit.first + unit.count));
  const rotations = device.upload(Float32Array.from(from));
  device.project({ ...set.cut, rotations, rotationCount: unit.count, out });
  rotations.free();
}
