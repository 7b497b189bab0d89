import type { Communicator } from "./types.ts";

const COLLECTIVES = [
  "allGather",
  "allToAll",
  "reduceScatterFixed",
  "allReduceSum",
  "allReduceSumFixed",
  "allReduceMax",
  "broadcast",
  "barrier",
  "split",
] as const;

/**
 * A communicator that refuses a collective while another of its own is under way. Two chains of collectives run side by side would meet
 * in an order that chance decides on each rank, and one chain's data would end up in the other: half-set in half-set.
 */
export function oneCollectiveAtATime<C extends Communicator>(communicator: C): C {
  let underWay: string | null = null;
  const guarded: Record<string, unknown> = {};
  for (const name of COLLECTIVES) {
    const call = communicator[name] as (...args: unknown[]) => Promise<unknown>;
    guarded[name] = async (...args: unknown[]) => {
      if (underWay !== null) throw new Error(`communicator: ${name} was called while ${underWay} is under way.`);
      underWay = name;
      try {
        return await call.apply(communicator, args);
      } finally {
        underWay = null;
      }
    };
  }
  return { ...communicator, ...guarded };
}
