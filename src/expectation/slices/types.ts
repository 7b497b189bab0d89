import type { DeviceBuffer } from "../../device/buffer.ts";
import type { ProjectArgs } from "../../device/ops/project.ts";

/** A set of central slices of one half-set's reference: what every image of the half-set is compared with. */
export interface SliceSet {
  /** Everything `project` takes but the rotations and where the slices go: band, reference, pixels, layout. */
  readonly cut: Omit<ProjectArgs, "rotations" | "rotationCount" | "out">;
  /** [count][4] */
  readonly quaternions: Float64Array;
  readonly count: number;
  /** Of the reference that the slices are cut from: travels with them, and is checked. */
  readonly half: number;
}

/** Some consecutive slices of a set, on the device: they stay what they are until the next block is asked for. */
export interface SliceBlock {
  readonly slices: DeviceBuffer;
  /** Index of the first slice in the set. */
  readonly first: number;
  readonly count: number;
}

/**
 * Where the slices of a set come from. Each pass gives every block of the set once. Their bytes are the same from every source; their
 * order is not, and what is made of them must not depend on it.
 */
export interface SliceSource {
  /** "recompute", "conveyor" …: for people. */
  readonly mode: string;
  /** One pass over the set. The caller is done with a block (`device.idle`) before it asks for the next. */
  blocks(): AsyncIterable<SliceBlock>;
  /** Takes part in the passes that other ranks still make: they need this rank's slices. Then frees what is held. */
  finish(): Promise<void>;
}
