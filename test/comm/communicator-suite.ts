import assert from "node:assert/strict";
import type { Communicator } from "../../src/comm/types.ts";

/** What every communicator does, on any number of ranks: each case is run by all ranks together, in this order. */
export interface CommunicatorCase {
  readonly title: string;
  run(comm: Communicator): Promise<void>;
}

/** Bytes that tell their place and their sender. */
function pattern(rank: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = 31 * rank + 7 * i + 1;
  return bytes;
}

/** Much quicker than a deep comparison of long arrays. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) assert.deepEqual(actual, expected);
}

const ranksOf = (comm: Communicator) => Array.from({ length: comm.size }, (_, rank) => rank);
const sumOf = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
/** Empty, small, odd and larger than one piece of a message where the cut is small. */
const LENGTHS = [0, 1, 13, 5000, 70_001];

export const communicatorSuite: readonly CommunicatorCase[] = [
  {
    title: "a message arrives whole, at its tag, in the order in which it was sent",
    async run(comm) {
      const to = (comm.rank + 1) % comm.size;
      const from = (comm.rank + comm.size - 1) % comm.size;
      for (const length of LENGTHS) {
        const first = new Uint8Array(length);
        const second = new Uint8Array(3);
        const other = new Uint8Array(2);
        await Promise.all([
          comm.send(pattern(comm.rank, length), to, 5),
          comm.send(pattern(comm.rank + 100, 3), to, 5),
          comm.send(pattern(comm.rank + 200, 2), to, 6),
          comm.receive(other, from, 6),
          comm.receive(first, from, 5),
          comm.receive(second, from, 5),
        ]);
        expectBytes(first, pattern(from, length));
        expectBytes(second, pattern(from + 100, 3));
        expectBytes(other, pattern(from + 200, 2));
      }
    },
  },
  {
    title: "a receive posted long before the send is answered, and a message of another length is refused",
    async run(comm) {
      const to = (comm.rank + 1) % comm.size;
      const from = (comm.rank + comm.size - 1) % comm.size;
      const early = new Uint8Array(10);
      const promise = comm.receive(early, from, 9);
      await new Promise((resolve) => setTimeout(resolve, 5 * comm.rank));
      await comm.send(pattern(comm.rank, 10), to, 9);
      await promise;
      expectBytes(early, pattern(from, 10));
      const [, refused] = await Promise.allSettled([
        comm.send(pattern(comm.rank, 10), to, 10),
        comm.receive(new Uint8Array(12), from, 10),
      ]);
      assert.equal(refused.status, "rejected");
    },
  },
  {
    title:
      "blocks travel the ring, empty and of different lengths, several at a time; after as many steps as ranks each is home",
    async run(comm) {
      const lengthOf = (rank: number, belt: number) => (rank % 2 === 0 ? LENGTHS[belt]! : LENGTHS[belt]! + rank);
      const belts = LENGTHS.map((_, belt) => pattern(comm.rank + belt, lengthOf(comm.rank, belt)));
      for (let step = 1; step <= comm.size; step++) {
        const owner = (comm.rank - step + comm.size) % comm.size;
        await Promise.all(
          belts.map(async (held, belt) => {
            const arriving = new Uint8Array(lengthOf(owner, belt));
            await comm.shift(held, arriving);
            belts[belt] = arriving;
          }),
        );
        for (const [belt, held] of belts.entries()) expectBytes(held, pattern(owner + belt, lengthOf(owner, belt)));
      }
    },
  },
  {
    title: "all-gather joins parts of any length in rank order, on shared memory too",
    async run(comm) {
      for (const length of LENGTHS) {
        const counts = ranksOf(comm).map((rank) => (rank === 1 ? 0 : length + rank));
        const own = new Uint8Array(new SharedArrayBuffer(counts[comm.rank]!));
        own.set(pattern(comm.rank, counts[comm.rank]!));
        const all = new Uint8Array(new SharedArrayBuffer(sumOf(counts) + 3), 3);
        await comm.allGather(own, all, counts);
        const expected = Buffer.concat(ranksOf(comm).map((rank) => pattern(rank, counts[rank]!)));
        assert.ok(expected.equals(all), `${length} bytes a rank`);
      }
    },
  },
  {
    title: "all-to-all: what a sends to b is what b receives from a",
    async run(comm) {
      const length = (from: number, to: number) => 100 * from + 7 * to + (from === to ? 1 : 0);
      const sent = ranksOf(comm).map((to) => length(comm.rank, to));
      const received = ranksOf(comm).map((from) => length(from, comm.rank));
      const outgoing = Uint8Array.from(
        ranksOf(comm).flatMap((to) => Array.from(pattern(10 * comm.rank + to, sent[to]!))),
      );
      const incoming = new Uint8Array(sumOf(received));
      await comm.allToAll(outgoing, sent, incoming, received);
      const expected = ranksOf(comm).flatMap((from) => Array.from(pattern(10 * from + comm.rank, received[from]!)));
      assert.deepEqual(Array.from(incoming), expected);
    },
  },
  {
    title: "a sum of float64 has the order of the ranks: the same bytes everywhere, those of a loop",
    async run(comm) {
      const contribution = (rank: number, i: number) =>
        i % 3 === 0 ? [1e16, 1, -1e16, 3, 0.1][rank % 5]! : 1 / (rank + i);
      for (const length of [0, 1, 2, 1000, 10_003]) {
        const values = Float64Array.from({ length }, (_, i) => contribution(comm.rank, i));
        await comm.allReduceSum(values);
        for (let i = 0; i < length; i++) {
          let sum = contribution(0, i);
          for (let rank = 1; rank < comm.size; rank++) sum += contribution(rank, i);
          if (!Object.is(values[i], sum)) assert.fail(`element ${i} of ${length}: expected ${sum}, got ${values[i]}`);
        }
      }
    },
  },
  {
    title: "fixed-point sums are exact, beyond 2^53 and below zero",
    async run(comm) {
      const contribution = (rank: number, i: number) => (BigInt(i % 7) - 3n) * 2n ** 57n + BigInt(rank * 1000 + i);
      for (const length of [1, 3, 20_011]) {
        const values = BigInt64Array.from({ length }, (_, i) => contribution(comm.rank, i));
        await comm.allReduceSumFixed(values);
        for (let i = 0; i < length; i++) {
          const sum = ranksOf(comm).reduce((total, rank) => total + contribution(rank, i), 0n);
          if (values[i] !== sum) assert.fail(`element ${i} of ${length}: expected ${sum}, got ${values[i]}`);
        }
      }
    },
  },
  {
    title: "reduce-scatter gives each rank its own part of that sum, parts of any length",
    async run(comm) {
      const counts = ranksOf(comm).map((rank) => (rank === 2 ? 0 : 3001 - 1000 * (rank % 2)));
      const values = BigInt64Array.from({ length: sumOf(counts) }, (_, i) => BigInt(i) * BigInt(comm.rank + 1));
      const own = new BigInt64Array(counts[comm.rank]!);
      await comm.reduceScatterFixed(values, own, counts);
      const begin = sumOf(counts.slice(0, comm.rank));
      const factor = BigInt((comm.size * (comm.size + 1)) / 2);
      for (let i = 0; i < own.length; i++) assert.equal(own[i], BigInt(begin + i) * factor);
    },
  },
  {
    title: "the maximum over ranks",
    async run(comm) {
      const values = Float64Array.from({ length: 50 }, (_, i) => ((comm.rank + i) % comm.size) - 0.5);
      await comm.allReduceMax(values);
      assert.ok(values.every((value) => value === comm.size - 1.5));
    },
  },
  {
    title: "a broadcast from every root",
    async run(comm) {
      for (const root of ranksOf(comm)) {
        for (const length of LENGTHS) {
          const bytes = comm.rank === root ? pattern(root, length) : new Uint8Array(length);
          await comm.broadcast(bytes, root);
          expectBytes(bytes, pattern(root, length));
        }
      }
    },
  },
  {
    title: "nobody leaves a barrier before the last has come",
    async run(comm) {
      const last = comm.size - 1;
      const arrival = new Float64Array(1);
      if (comm.rank === last) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        arrival[0] = Date.now();
      }
      await comm.barrier();
      const left = Date.now();
      await comm.broadcast(new Uint8Array(arrival.buffer), last);
      assert.ok(left >= arrival[0]!, `left ${arrival[0]! - left} ms before the last came`);
    },
  },
  {
    title: "split: evens and odds are communicators of their own, in the order of the key",
    async run(comm) {
      const colour = comm.rank % 2;
      const part = await comm.split(colour, -comm.rank);
      const members = ranksOf(comm).filter((rank) => rank % 2 === colour);
      assert.equal(part.size, members.length);
      assert.equal(part.rank, members.length - 1 - members.indexOf(comm.rank));
      const sum = Float64Array.of(comm.rank);
      // Both at once: messages of the part and of the whole do not meet.
      const whole = Float64Array.of(1);
      await Promise.all([part.allReduceSum(sum), comm.allReduceSum(whole)]);
      assert.equal(sum[0], sumOf(members));
      assert.equal(whole[0], comm.size);
      await part.close();
    },
  },
  {
    title: "a collective called while another is under way is refused: two chains of them would meet as chance has it",
    async run(comm) {
      const [first, second] = [Float64Array.of(comm.rank), Float64Array.of(comm.rank)];
      const underWay = comm.allReduceSum(first);
      await Promise.all([
        assert.rejects(comm.allReduceMax(second), /allReduceMax was called while allReduceSum is under way/),
        assert.rejects(comm.shift(new Uint8Array(1), new Uint8Array(1)), /shift was called while allReduceSum is/),
      ]);
      await underWay;
      const shifting = comm.shift(new Uint8Array(1), new Uint8Array(1));
      await assert.rejects(comm.barrier(), /barrier was called while shift is under way/);
      await shifting;
      await comm.allReduceMax(second);
      assert.equal(first[0], (comm.size * (comm.size - 1)) / 2);
      assert.equal(second[0], comm.size - 1);
    },
  },
  {
    title: "a rank, tag or count that cannot be is refused before anything is sent",
    async run(comm) {
      const bytes = new Uint8Array(4);
      const counts = ranksOf(comm).map(() => 4);
      await assert.rejects(comm.send(bytes, comm.size, 1), /to: expected a rank from 0 to/);
      await assert.rejects(comm.receive(bytes, -1, 1), /from: expected a rank from 0 to/);
      await assert.rejects(comm.send(bytes, 0, 1e6), /tag: expected a whole number up to 32767, got 1000000/);
      await assert.rejects(comm.broadcast(bytes, comm.size + 1), /root: expected a rank/);
      await assert.rejects(comm.allGather(bytes, new Uint8Array(1), counts), /allGather: counts: expected a sum of 1/);
      await assert.rejects(comm.allGather(bytes, bytes, []), /counts: expected \d+, one a rank, got 0/);
      const all = new Uint8Array(4 * comm.size);
      await assert.rejects(comm.allGather(new Uint8Array(3), all, counts), /own part: expected 4, got 3/);
      await comm.barrier();
    },
  },
];
