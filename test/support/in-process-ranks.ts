import { oneCollectiveAtATime } from "../../src/comm/one-at-a-time.ts";
import type { Communicator } from "../../src/comm/types.ts";
import { makeNormals } from "./normals.ts";

/**
 * Ranks without processes: `run` is called once for each of `size` communicators, and calls meet by promises. What MPI does between
 * processes happens here within one, so tests of many ranks need no launcher. Every call copies what it is given and settles one
 * turn of the event loop later at the earliest, so that a caller which uses a view too early fails here as it would there.
 *
 * The first error of a rank rejects the whole, and every call that waits for that rank rejects with it.
 *
 * @param delaySeed  every collective and shift begins some turns of the event loop late, by chance and otherwise on each rank: 0: none
 */
export async function runRanks<Result>(
  size: number,
  run: (comm: Communicator) => Promise<Result>,
  delaySeed = 0,
): Promise<Result[]> {
  const world = new World(size, delaySeed === 0 ? null : makeNormals(DELAYS, delaySeed));
  const results = await Promise.allSettled(
    Array.from({ length: size }, async (_, rank) => {
      try {
        return await run(communicatorOf(world, rank));
      } catch (thrown) {
        world.fail(rank, thrown);
        throw thrown;
      }
    }),
  );
  if (world.failure !== null) throw world.failure.cause;
  return results.map((result) => (result as PromiseFulfilledResult<Result>).value);
}

const DELAYS = 10_007;
const LONGEST_DELAY_TURNS = 20;

/** What each rank has brought to a collective call. */
interface Meeting {
  readonly name: string;
  readonly given: unknown[];
  arrived: number;
  readonly open: Promise<void>;
  readonly settle: () => void;
  readonly reject: (cause: unknown) => void;
}

interface Waiting {
  readonly into: Uint8Array;
  readonly settle: () => void;
  readonly reject: (cause: unknown) => void;
}

/** The meetings and messages of one communicator, shared by its ranks. */
class World {
  readonly size: number;
  failure: { readonly rank: number; readonly cause: unknown } | null = null;
  readonly #meetings = new Map<number, Meeting>();
  readonly #calls: number[];
  readonly #messages = new Map<string, Uint8Array[]>();
  readonly #receivers = new Map<string, Waiting[]>();
  readonly #children: World[] = [];
  readonly #delays: Float32Array | null;
  #delaysUsed = 0;

  constructor(size: number, delays: Float32Array | null) {
    this.size = size;
    this.#calls = new Array<number>(size).fill(0);
    this.#delays = delays;
  }

  async delay(): Promise<void> {
    if (this.#delays === null) return;
    const turns = LONGEST_DELAY_TURNS * Math.abs(this.#delays[this.#delaysUsed++ % this.#delays.length]!);
    for (let turn = 0; turn < turns; turn++) await new Promise((settle) => setImmediate(settle));
  }

  /** Every rank's argument, in rank order, once all have called; calls are matched by their order, and must have one name. */
  async meet<Given>(rank: number, name: string, given: Given): Promise<Given[]> {
    this.#throwIfFailed();
    await this.delay();
    const index = this.#calls[rank]!++;
    let meeting = this.#meetings.get(index);
    if (meeting === undefined) {
      meeting = makeMeeting(name, this.size);
      this.#meetings.set(index, meeting);
    }
    if (meeting.name !== name) throw new Error(`rank ${rank} called ${name} where another called ${meeting.name}`);
    meeting.given[rank] = given;
    if (++meeting.arrived === this.size) {
      this.#meetings.delete(index);
      setImmediate(meeting.settle);
    }
    await meeting.open;
    return meeting.given as Given[];
  }

  send(from: number, to: number, tag: number, bytes: Uint8Array): void {
    this.#throwIfFailed();
    const key = `${from} ${to} ${tag}`;
    const receiver = this.#receivers.get(key)?.shift();
    if (receiver === undefined) {
      const queue = this.#messages.get(key) ?? [];
      queue.push(bytes.slice());
      this.#messages.set(key, queue);
    } else deliver(bytes, receiver, key);
  }

  receive(from: number, to: number, tag: number, into: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    const key = `${from} ${to} ${tag}`;
    return new Promise((settle, reject) => {
      const receiver = { into, settle: () => setImmediate(settle), reject };
      const ready = this.#messages.get(key)?.shift();
      if (ready === undefined) this.#receivers.set(key, [...(this.#receivers.get(key) ?? []), receiver]);
      else deliver(ready, receiver, key);
    });
  }

  makeChild(size: number): World {
    const child = new World(size, this.#delays);
    this.#children.push(child);
    return child;
  }

  fail(rank: number, cause: unknown): void {
    if (this.failure !== null) return;
    this.failure = { rank, cause };
    for (const meeting of this.#meetings.values()) meeting.reject(cause);
    for (const queue of this.#receivers.values()) for (const receiver of queue) receiver.reject(cause);
    for (const child of this.#children) child.fail(rank, cause);
  }

  #throwIfFailed(): void {
    if (this.failure !== null) throw this.failure.cause;
  }
}

function makeMeeting(name: string, size: number): Meeting {
  let settle = () => {};
  let reject = (_cause: unknown) => {};
  const open = new Promise<void>((resolve, refuse) => {
    settle = resolve;
    reject = refuse;
  });
  // A meeting that nobody waits for any more may still be rejected.
  open.catch(() => {});
  return { name, given: new Array(size).fill(null), arrived: 0, open, settle, reject };
}

function deliver(bytes: Uint8Array, { into, settle, reject }: Waiting, key: string): void {
  if (bytes.length !== into.length) {
    reject(new Error(`message ${key}: expected ${into.length} bytes, got ${bytes.length}`));
    return;
  }
  into.set(bytes);
  settle();
}

function communicatorOf(world: World, rank: number): Communicator {
  const { size } = world;
  const exchange = (target: Uint8Array, parts: readonly Uint8Array[], call: string): void => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length !== target.length)
      throw new Error(`${call}: rank ${rank} expected ${target.length} bytes, got ${length}`);
    let place = 0;
    for (const part of parts) {
      target.set(part, place);
      place += part.length;
    }
  };
  const sum = async (values: BigInt64Array, name: string): Promise<BigInt64Array> => {
    const all = await world.meet(rank, name, values.slice());
    const total = new BigInt64Array(values.length);
    for (const part of all) for (let i = 0; i < total.length; i++) total[i]! += part[i]!;
    return total;
  };
  return oneCollectiveAtATime({
    rank,
    size,
    async send(bytes, to, tag) {
      world.send(rank, to, tag, bytes);
    },
    receive: (into, from, tag) => world.receive(from, rank, tag, into),
    async shift(outgoing, incoming) {
      const all = await world.meet(rank, "shift", outgoing.slice());
      exchange(incoming, [all[(rank + size - 1) % size]!], "shift");
    },
    async allGather(own, all, byteCounts) {
      const parts = await world.meet(rank, "allGather", own.slice());
      parts.forEach((part, r) => {
        if (part.length !== byteCounts[r])
          throw new Error(`allGather: rank ${r} gave ${part.length} bytes, not ${byteCounts[r]}`);
      });
      exchange(all, parts, "allGather");
    },
    async allToAll(outgoing, sendByteCounts, incoming, receiveByteCounts) {
      const cut: Uint8Array[] = [];
      let place = 0;
      for (const count of sendByteCounts) {
        cut.push(outgoing.slice(place, place + count));
        place += count;
      }
      if (place !== outgoing.length) throw new Error(`allToAll: counts of ${place} bytes for ${outgoing.length}`);
      const all = await world.meet(rank, "allToAll", cut);
      const parts = all.map((given) => given[rank]!);
      parts.forEach((part, r) => {
        if (part.length !== receiveByteCounts[r]) {
          throw new Error(
            `allToAll: rank ${rank} expected ${receiveByteCounts[r]} bytes of rank ${r}, got ${part.length}`,
          );
        }
      });
      exchange(incoming, parts, "allToAll");
    },
    async reduceScatterFixed(values, own, counts) {
      const total = await sum(values, "reduceScatterFixed");
      const first = counts.slice(0, rank).reduce((a, b) => a + b, 0);
      own.set(total.subarray(first, first + counts[rank]!));
    },
    async allReduceSum(values) {
      const all = await world.meet(rank, "allReduceSum", values.slice());
      values.fill(0);
      for (const part of all) for (let i = 0; i < values.length; i++) values[i]! += part[i]!;
    },
    async allReduceSumFixed(values) {
      values.set(await sum(values, "allReduceSumFixed"));
    },
    async allReduceMax(values) {
      const all = await world.meet(rank, "allReduceMax", values.slice());
      for (const part of all) for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i]!, part[i]!);
    },
    async broadcast(bytes, root) {
      const all = await world.meet(rank, "broadcast", rank === root ? bytes.slice() : null);
      if (rank !== root) exchange(bytes, [all[root]!], "broadcast");
    },
    async barrier() {
      await world.meet(rank, "barrier", null);
    },
    async split(colour, key) {
      // The ranks of one colour share one world, made by the first of them to come back.
      const all = await world.meet(rank, "split", { colour, key, rank, worlds: new Map<number, World>() });
      const members = all
        .filter((one) => one.colour === colour)
        .sort((a, b) => a.key - b.key || a.rank - b.rank)
        .map((one) => one.rank);
      const { worlds } = all[0]!;
      const child = worlds.get(colour) ?? world.makeChild(members.length);
      worlds.set(colour, child);
      return communicatorOf(child, members.indexOf(rank));
    },
    async close() {},
  });
}
