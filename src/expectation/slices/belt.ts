import { bytesOf, shareOf } from "../../comm/share.ts";
import type { Communicator } from "../../comm/types.ts";
import { DataError } from "../../core/errors.ts";
import type { Device } from "../../device/types.ts";
import { cutUnits } from "./own-units.ts";
import type { SliceSet, SliceSource } from "./types.ts";
import { type SliceUnit, unitLength, unitsOf } from "./units.ts";

/** A block on its way starts with these numbers: half-set, index of the unit. */
const TAG_FLOATS = 4;

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
 * compared (the next one is under way then). With groups of one rank this is the belt of Qiao et al. 2019; larger groups
 * gather what their members hold, and the ring is shorter.
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
  const travelling = [new Float32Array(room), new Float32Array(room)] as const;
  const gathered = group.size > 1 ? [0, 1].map(() => new Float32Array(room * group.size)) : [];
  let passesDone = 0;
  let waitedMs = 0;

  /** What the group holds at a step, member by member: gathered from the blocks in their hands. */
  async function shared(step: number, belt: number, held: Float32Array): Promise<Float32Array[]> {
    const lengths = Array.from({ length: group.size }, (_, member) => lengthAt(ownerAt(step, member), belt));
    if (group.size === 1) return [held.subarray(0, lengths[0])];
    const total = lengths.reduce((a, b) => a + b, 0);
    const all = gathered[step % 2]!.subarray(0, total);
    const own = held.subarray(0, lengths[group.rank]);
    await group.allGather(
      bytesOf(own),
      bytesOf(all),
      lengths.map((length) => 4 * length),
    );
    const begins = lengths.map((_, member) => lengths.slice(0, member).reduce((a, b) => a + b, 0));
    return lengths.map((length, member) => all.subarray(begins[member], begins[member]! + length));
  }

  async function cutOwn(belt: number, into: Float32Array): Promise<void> {
    const unit = unitAt(comm.rank, belt);
    if (!unit) return;
    into.set([set.half, unit.index]);
    await cutUnits(device, set, [unit], into.subarray(TAG_FLOATS));
  }

  async function advance(step: number, belt: number): Promise<Float32Array[]> {
    const leaving = travelling[step % 2]!.subarray(0, lengthAt(ownerAt(step, group.rank), belt));
    const arriving = travelling[(step + 1) % 2]!.subarray(0, lengthAt(ownerAt(step + 1, group.rank), belt));
    await ring.shift(bytesOf(leaving), bytesOf(arriving));
    return shared(step + 1, belt, travelling[(step + 1) % 2]!);
  }

  return {
    mode,
    waitedMs: () => waitedMs,
    async *blocks() {
      passesDone++;
      const slices = device.allocate("f32", Math.max(1, room - TAG_FLOATS));
      try {
        for (let belt = 0; belt < belts; belt++) {
          await cutOwn(belt, travelling[0]);
          let blocks = await shared(0, belt, travelling[0]);
          for (let step = 0; step < ring.size; step++) {
            const next = step + 1 < ring.size ? advance(step, belt) : null;
            // Reported where it is awaited, below.
            next?.catch(() => {});
            for (const [member, block] of blocks.entries()) {
              const unit = unitAt(ownerAt(step, member), belt);
              if (!unit) continue;
              expectTag(block, set.half, unit.index);
              device.write(slices, block.subarray(TAG_FLOATS));
              yield { slices, first: unit.first, count: unit.count };
            }
            const since = performance.now();
            if (next) blocks = await next;
            waitedMs += performance.now() - since;
          }
        }
      } finally {
        slices.free();
      }
    },
    async finish() {
      while (passesDone < passCount) for await (const _ of this.blocks());
      for (const part of [group, ring]) await part.close();
    },
  };
}

function expectTag(block: Float32Array, half: number, unit: number): void {
  if (block[0] === half && block[1] === unit) return;
  throw new DataError(
    `slices: expected unit ${unit} of half-set ${half + 1} on the belt, got unit ${block[1]} of half-set ${block[0]! + 1}: the ranks do not run the same pass.`,
  );
}
