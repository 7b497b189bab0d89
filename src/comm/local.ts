import { ShapeError } from "../core/errors.ts";
import type { Communicator } from "./types.ts";

/** The communicator of one process: every sum is the identity, every exchange a copy to itself. */
export function makeLocalCommunicator(): Communicator {
  const waiting = new Map<number, Uint8Array[]>();
  const wanted = new Map<number, ((bytes: Uint8Array) => void)[]>();
  return {
    rank: 0,
    size: 1,
    async send(bytes, _to, tag) {
      const message = bytes.slice();
      const taker = wanted.get(tag)?.shift();
      if (taker) taker(message);
      else waiting.set(tag, [...(waiting.get(tag) ?? []), message]);
    },
    async receive(into, _from, tag) {
      const ready = waiting.get(tag)?.shift();
      const message =
        ready ??
        (await new Promise<Uint8Array>((resolve) => {
          wanted.set(tag, [...(wanted.get(tag) ?? []), resolve]);
        }));
      copyInto(into, message, "receive");
    },
    async shift(outgoing, incoming) {
      copyInto(incoming, outgoing, "shift");
    },
    async allGather(own, all) {
      copyInto(all, own, "allGather");
    },
    async allToAll(outgoing, _sendByteCounts, incoming) {
      copyInto(incoming, outgoing, "allToAll");
    },
    async reduceScatterFixed(values, own) {
      if (values.length !== own.length) throw lengthError("reduceScatterFixed", values.length, own.length);
      own.set(values);
    },
    async allReduceSum() {},
    async allReduceSumFixed() {},
    async allReduceMax() {},
    async broadcast() {},
    async barrier() {},
    async split() {
      return makeLocalCommunicator();
    },
    async close() {},
  };
}

export const localCommunicator: Communicator = makeLocalCommunicator();

function copyInto(target: Uint8Array, source: Uint8Array, call: string): void {
  if (target.length !== source.length) throw lengthError(call, target.length, source.length);
  target.set(source);
}

function lengthError(call: string, expected: number, actual: number): ShapeError {
  return new ShapeError(`communicator of one process, ${call}`, { expected: [expected], actual: [actual] });
}
