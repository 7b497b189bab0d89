import { describe, expect, test } from "vitest";
import { runRanks } from "../support/in-process-ranks.ts";

const SIZES = [1, 2, 3, 4, 5];

describe.each(SIZES)("%i ranks in one process", (n) => {
  test("messages between two ranks keep their order per tag, whoever comes first", async () => {
    const last = n - 1;
    const got = await runRanks(n, async (comm) => {
      const first = new Uint8Array(2);
      const second = new Uint8Array(3);
      const receiving =
        comm.rank === last ? Promise.all([comm.receive(first, 0, 7), comm.receive(second, 0, 7)]) : undefined;
      if (comm.rank === 0) {
        await comm.send(Uint8Array.of(1, 2), last, 7);
        await comm.send(Uint8Array.of(3, 4, 5), last, 7);
      }
      await receiving;
      return [...first, ...second];
    });
    expect(got[last]).toEqual([1, 2, 3, 4, 5]);
  });

  test("the ring brings the neighbour's block, all-gather every block in rank order", async () => {
    const got = await runRanks(n, async (comm) => {
      const incoming = new Uint8Array(1);
      await comm.shift(Uint8Array.of(comm.rank), incoming);
      const counts = Array.from({ length: n }, (_, r) => r);
      const all = new Uint8Array(counts.reduce((a, b) => a + b, 0));
      await comm.allGather(new Uint8Array(comm.rank).fill(comm.rank), all, counts);
      return { neighbour: incoming[0], all: [...all] };
    });
    const everything = Array.from({ length: n }, (_, r) => new Array(r).fill(r)).flat();
    got.forEach(({ neighbour, all }, rank) => {
      expect(neighbour).toBe((rank + n - 1) % n);
      expect(all).toEqual(everything);
    });
  });

  test("all-to-all hands each rank what the others addressed to it, of any length", async () => {
    const got = await runRanks(n, async (comm) => {
      const sendCounts = Array.from({ length: n }, (_, to) => comm.rank + to);
      const receiveCounts = Array.from({ length: n }, (_, from) => comm.rank + from);
      const outgoing = Uint8Array.from(sendCounts.flatMap((count, to) => new Array(count).fill(10 * comm.rank + to)));
      const incoming = new Uint8Array(receiveCounts.reduce((a, b) => a + b, 0));
      await comm.allToAll(outgoing, sendCounts, incoming, receiveCounts);
      return [...incoming];
    });
    got.forEach((incoming, rank) => {
      expect(incoming).toEqual(
        Array.from({ length: n }, (_, from) => new Array(rank + from).fill(10 * from + rank)).flat(),
      );
    });
  });

  test("sums, maxima and broadcasts are the same on every rank", async () => {
    const got = await runRanks(n, async (comm) => {
      const fixed = BigInt64Array.of(BigInt(comm.rank) - 2n ** 61n / 8n, 1n);
      await comm.allReduceSumFixed(fixed);
      const sums = Float64Array.of(0.1 * (comm.rank + 1));
      await comm.allReduceSum(sums);
      const maximum = Float64Array.of(-comm.rank);
      await comm.allReduceMax(maximum);
      const bytes = Uint8Array.of(comm.rank);
      await comm.broadcast(bytes, n - 1);
      const counts = Array.from({ length: n }, (_, r) => r + 1);
      const values = new BigInt64Array(counts.reduce((a, b) => a + b, 0)).fill(BigInt(comm.rank + 1));
      const own = new BigInt64Array(comm.rank + 1);
      await comm.reduceScatterFixed(values, own, counts);
      await comm.barrier();
      return { fixed: [...fixed], sum: sums[0], maximum: maximum[0], byte: bytes[0], own: own[comm.rank] };
    });
    const total = BigInt((n * (n + 1)) / 2);
    for (const { fixed, sum, maximum, byte, own } of got) {
      expect(fixed).toEqual([BigInt((n * (n - 1)) / 2) - BigInt(n) * (2n ** 61n / 8n), BigInt(n)]);
      expect(sum).toBe(got[0]!.sum);
      expect(maximum === 0).toBe(true);
      expect(byte).toBe(n - 1);
      expect(own).toBe(total);
    }
  });

  test("a split gives communicators that work beside each other, ordered by key", async () => {
    const got = await runRanks(n, async (comm) => {
      const part = await comm.split(comm.rank % 2, -comm.rank);
      const all = new Uint8Array(part.size);
      await part.allGather(Uint8Array.of(comm.rank), all, new Array(part.size).fill(1));
      return [...all];
    });
    got.forEach((members, rank) => {
      const expected = Array.from({ length: n }, (_, r) => r)
        .filter((r) => r % 2 === rank % 2)
        .reverse();
      expect(members).toEqual(expected);
    });
  });
});

test("an error of one rank rejects the whole and releases those that wait for it", async () => {
  const attempt = runRanks(3, async (comm) => {
    if (comm.rank === 1) throw new Error("rank 1 has failed");
    if (comm.rank === 2) await comm.receive(new Uint8Array(1), 1, 0);
    await comm.barrier();
  });
  await expect(attempt).rejects.toThrow("rank 1 has failed");
});

test("ranks that call different collectives are told so", async () => {
  const attempt = runRanks(2, (comm) => (comm.rank === 0 ? comm.barrier() : comm.allReduceMax(new Float64Array(1))));
  await expect(attempt).rejects.toThrow(/where another called/);
});
