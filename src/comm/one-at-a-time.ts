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
 * in an order that chance decides on each rank, and one chain's data would end up in the other: half-set in half-set. Shifts are matched by
 * their order too: several may be under way, but none beside a collective.
 */
export function oneCollectiveAtATime<C extends Communicator>(communicator: C): C {
  let underWay: string | null = null;
  let shifts = 0;
  const expectNone = (name: string): void => {
    if (underWay !== null) throw new Error(`communicator: ${name} was called while ${underWay} is under way.`);
  };
  const guarded: Record<string, unknown> = {};
  for (const name of COLLECTIVES) {
    const call = communicator[name] as (...args: unknown[]) => Promise<unknown>;
    guarded[name] = async (...args: unknown[]) => {
      expectNone(name);
      if (shifts > 0) throw new Error(`communicator: ${name} was called while shift is under way.`);
      underWay = name;
      try {
        return await call.apply(communicator, args);
      } finally {
        underWay = null;
      }
    };
  }
  const shift: Communicator["shift"] = async (outgoing, incoming) => {
    expectNone("shift");
    shifts++;
    try {
      await communicator.shift(outgoing, incoming);
    } finally {
      shifts--;
    }
  };
  return { ...communicator, ...guarded, shift };
}
