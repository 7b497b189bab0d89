import type { Communicator } from "../../comm/types.ts";
import type { Device } from "../../device/types.ts";
import { beltSlices, openBeltRanks } from "./belt.ts";
import { chooseSliceMode, groupSizeFor, type SliceMode } from "./cost.ts";
import { gatheredSlices } from "./gathered.ts";
import { recomputedSlices } from "./recompute.ts";
import type { SliceSet, SliceSource } from "./types.ts";
import { cutUnit, unitLength, unitsOf } from "./units.ts";

export interface SliceSourceOptions {
  readonly comm: Communicator;
  readonly mode: SliceMode | "auto";
  /** Passes that this rank needs, one for each batch of its images. */
  readonly passes: number;
  /** Images of a pass × shifts: rows that each slice is compared with. */
  readonly rowsPerPass: number;
  readonly heldBytesLimit: number;
  readonly onChoice: (fields: Readonly<Record<string, unknown>>) => void;
}

/** Multiply-adds that one thread is taken to compare in a second, for the choice of a mode only. */
const COMPARE_RATE = 2e10;

/** The source of a set's slices: the mode asked for, or the one that a short measurement favours. Collective. */
export async function openSliceSource(
  device: Device,
  set: SliceSet,
  options: SliceSourceOptions,
): Promise<SliceSource> {
  const { comm } = options;
  if (comm.size === 1 && options.mode === "auto") return recomputedSlices(device, set);
  const passes = Float64Array.of(options.passes);
  await comm.allReduceMax(passes);
  const groupSize = groupSizeFor(comm.size);
  const mode = options.mode === "auto" ? await measuredMode(device, set, options, passes[0]!, groupSize) : options.mode;
  options.onChoice({ mode, isForced: options.mode !== "auto" });
  switch (mode) {
    case "recompute":
      return recomputedSlices(device, set);
    case "allgather":
    case "allreduce":
      return gatheredSlices(device, set, comm, mode);
    case "conveyor":
    case "grouped": {
      const ranks = await openBeltRanks(comm, mode === "grouped" ? groupSize : 1);
      return beltSlices(device, set, ranks, mode, passes[0]!);
    }
    default:
      throw new TypeError(`no slices by ${mode satisfies never}`);
  }
}

/** Cuts a unit and sends one round: the slowest rank counts, and all come to the same choice. */
async function measuredMode(
  device: Device,
  set: SliceSet,
  options: SliceSourceOptions,
  passes: number,
  groupSize: number,
): Promise<SliceMode> {
  const { comm } = options;
  const units = unitsOf(set.count);
  const unit = units[0];
  if (unit === undefined) return "recompute";
  const length = unitLength(set, unit);
  const buffer = device.allocate("f32", length);
  const block = new Uint8Array(4 * length);
  const arriving = new Uint8Array(4 * length);
  const timed = async (work: () => Promise<void>) => {
    // The first time meets cold caches and connections that are not open yet.
    await work();
    await comm.barrier();
    const since = performance.now();
    await work();
    return performance.now() - since;
  };
  const cutMs = await timed(async () => {
    cutUnit(device, set, unit, buffer);
    await device.idle();
  });
  buffer.free();
  const shiftMs = await timed(() => comm.shift(block, arriving));
  const pixels = set.cut.pixelCount - set.cut.firstPixel;
  const compareMs = (1e3 * options.rowsPerPass * unit.count * 2 * pixels) / (COMPARE_RATE * device.threads);
  const measured = Float64Array.of(cutMs, shiftMs, -compareMs, -options.heldBytesLimit);
  await comm.allReduceMax(measured);
  const costs = {
    ranks: comm.size,
    groupSize,
    unitCount: units.length,
    unitBytes: 4 * length,
    passes,
    cutMs: measured[0]!,
    shiftMs: measured[1]!,
    compareMs: -measured[2]!,
    heldBytesLimit: -measured[3]!,
  };
  const choice = chooseSliceMode(costs);
  options.onChoice({ ...costs, ...choice });
  return choice.mode;
}
