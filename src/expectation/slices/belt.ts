import { bytesOf, shareOf } from "../../comm/share.ts";
import type { Communicator } from "../../comm/types.ts";
import { DataError } from "../../core/errors.ts";
import type { DeviceBuffer } from "../../device/buffer.ts";
import type { Device } from "../../device/types.ts";
import { lookAhead } from "./look-ahead.ts";
import type { SliceSet, SliceSource } from "./types.ts";
import { cutUnit, type SliceUnit, unitLength, unitsOf } from "./units.ts";

/** A block on its way ends with these numbers: half-set, index of the unit. The slices come first, where `compare` wants them. */
const TAG_FLOATS = 4;
/** Blocks prepared while one is compared: the next own block is cut, and already leaves, while the last of the others is in hand. */
const LOOK_AHEAD = 2;
/** The block in hand, those ahead, and the one that the last of them is made from. */
const BUFFERS = LOOK_AHEAD + 2;

/** The ranks as a belt sees them: groups whose members share what they hold, and a ring through the groups. */
export interface BeltRanks {
  readonly comm: Communicator;
  /** The ranks of this rank's group. */
  readonly group: Communicator;
  /** The ranks that have this rank's place in their groups, in the order of the groups. */
  readonly ring: Communicator;
}

/** Groups of `groupSize` consecutive ranks; `groupSize` divides the number of ranks. Collective. */
export async function openBeltRanks(comm: Communicator, groupSize: number): Promise<BeltRanks> {
  return {
    comm,
    group: await comm.split(Math.floor(comm.rank / groupSize), comm.rank),
    ring: await comm.split(comm.rank % groupSize, comm.rank),
  };
}

/**
 * Conveyor: each rank cuts its share of the slices once a pass, and the blocks travel the ring of groups while the block in hand is
 * compared (the next one is under way then). With groups of one rank this is the belt of Qiao et al. 2019, and nothing is copied: a block is cut into,
 * sent from, received in and compared in the device's own memory. Larger groups gather what their members hold, and the ring is shorter.
 *
 * @param passCount  passes that all ranks make: the most that any of them needs
 */
export function beltSlices(
  device: Device,
  set: SliceSet,
  { comm, group, ring }: BeltRanks,
  mode: string,
  passCount: number,
): SliceSource & { readonly waitedMs: () => number } {
  const units = unitsOf(set.count);
  const belts = Math.ceil(units.length / comm.size);
  const room = units.length > 0 ? TAG_FLOATS + unitLength(set, units[0]!) : 0;
  const unitAt = (rank: number, belt: number): SliceUnit | undefined => {
    const { first, end } = shareOf(units.length, rank, comm.size);
    return first + belt < end ? units[first + belt] : undefined;
  };
  const lengthAt = (rank: number, belt: number) => {
    const unit = unitAt(rank, belt);
    return unit ? TAG_FLOATS + unitLength(set, unit) : 0;
  };
  /** The rank whose slices the member of this group holds after so many steps. */
  const ownerAt = (step: number, member: number) => ((ring.rank - step + ring.size) % ring.size) * group.size + member;
  const buffers = Array.from({ length: BUFFERS }, () => device.allocate("f32", room));
  const travelling = buffers.map((buffer) => device.hostView(buffer) as Float32Array);
  const gathered = group.size > 1 ? Array.from({ length: BUFFERS }, () => new Float32Array(room * group.size)) : [];
  let passesDone = 0;
  let waitedMs = 0;

  /** What the group holds at a step, member by member: gathered from the blocks in their hands. */
  async function shared(step: number, belt: number, buffer: number): Promise<Float32Array[]> {
    const lengths = Array.from({ length: group.size }, (_, member) => lengthAt(ownerAt(step, member), belt));
    const own = travelling[buffer]!.subarray(0, lengths[group.rank]);
    if (group.size === 1) return [own];
    const begins = lengths.map((_, member) => lengths.slice(0, member).reduce((a, b) => a + b, 0));
    const all = gathered[buffer]!.subarray(0, begins[group.size - 1]! + lengths[group.size - 1]!);
    const byteCounts = lengths.map((length) => 4 * length);
    await group.allGather(bytesOf(own), bytesOf(all), byteCounts);
    return lengths.map((length, member) => all.subarray(begins[member], begins[member]! + length));
  }

  async function cutOwn(belt: number, buffer: number): Promise<void> {
    const unit = unitAt(comm.rank, belt);
    if (!unit) return;
    cutUnit(device, set, unit, buffers[buffer]!);
    travelling[buffer]!.set([set.half, unit.index], unitLength(set, unit));
    await device.idle();
  }

  /** What arrives in a pass: the group's own blocks, then those of the group before it, and so on; belt after belt. */
  async function* arrivals(): AsyncGenerator<SliceBlockOnHost[]> {
    let count = 0;
    for (let belt = 0; belt < belts; belt++) {
      for (let step = 0; step < ring.size; step++, count++) {
        const buffer = count % BUFFERS;
        if (step === 0) await cutOwn(belt, buffer);
        else {
          const before = travelling[(count - 1) % BUFFERS]!;
          const leaving = before.subarray(0, lengthAt(ownerAt(step - 1, group.rank), belt));
          const arriving = travelling[buffer]!.subarray(0, lengthAt(ownerAt(step, group.rank), belt));
          await ring.shift(bytesOf(leaving), bytesOf(arriving));
        }
        const blocks = await shared(step, belt, buffer);
        yield blocks.flatMap((values, member) => {
          const unit = unitAt(ownerAt(step, member), belt);
          return unit ? [{ values, unit, slices: group.size === 1 ? buffers[buffer]! : null }] : [];
        });
      }
    }
  }

  return {
    mode,
    waitedMs: () => waitedMs,
    async *blocks() {
      passesDone++;
      const copied = group.size > 1 ? device.allocate("f32", room) : null;
      try {
        let since = performance.now();
        for await (const blocks of lookAhead(arrivals(), LOOK_AHEAD)) {
          waitedMs += performance.now() - since;
          for (const { values, unit, slices } of blocks) {
            expectTag(values.subarray(values.length - TAG_FLOATS), set.half, unit.index);
            if (slices === null) device.write(copied!, values);
            yield { slices: slices ?? copied!, first: unit.first, count: unit.count };
          }
          since = performance.now();
        }
      } finally {
        copied?.free();
      }
    },
    async finish() {
      while (passesDone < passCount) for await (const _ of this.blocks());
      for (const buffer of buffers) buffer.free();
      for (const part of [group, ring]) await part.close();
    },
  };
}

interface SliceBlockOnHost {
  /** Slices, then the tag. */
  readonly values: Float32Array;
  readonly unit: SliceUnit;
  /** The same memory on the device; null: `values` is the host's own. */
  readonly slices: DeviceBuffer | null;
}

function expectTag(tag: Float32Array, half: number, unit: number): void {
  if (tag[0] === half && tag[1] === unit) return;
  throw new DataError(
    `slices: expected unit ${unit} of half-set ${half + 1} on the belt, got unit ${tag[1]} of half-set ${tag[0]! + 1}: the ranks do not run the same pass.`,
  );
}
