import { ShapeError } from "../core/errors.ts";
import { argumentChecks } from "./expect-arguments.ts";
import { oneCollectiveAtATime } from "./one-at-a-time.ts";
import type { Communicator } from "./types.ts";

const check = argumentChecks(0, 1);

/** The communicator of one process: every sum is the identity, every exchange a copy to itself. */
export function makeLocalCommunicator(): Communicator {
  const waiting = new Map<number, Uint8Array[]>();
  const wanted = new Map<number, ((bytes: Uint8Array) => void)[]>();
  return oneCollectiveAtATime({
    rank: 0,
    size: 1,
    async send(bytes, to, tag) {
      check.point("send", "to", to, tag);
      const message = bytes.slice();
      const taker = wanted.get(tag)?.shift();
      if (taker) taker(message);
      else waiting.set(tag, [...(waiting.get(tag) ?? []), message]);
    },
    async receive(into, from, tag) {
      check.point("receive", "from", from, tag);
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
    async allGather(own, all, byteCounts) {
      check.parts("allGather", byteCounts, all.length, own.length);
      copyInto(all, own, "allGather");
    },
    async allToAll(outgoing, sendByteCounts, incoming, receiveByteCounts) {
      check.counts("allToAll", sendByteCounts, outgoing.length);
      check.counts("allToAll", receiveByteCounts, incoming.length);
      copyInto(incoming, outgoing, "allToAll");
    },
    async reduceScatterFixed(values, own, counts) {
      check.parts("reduceScatterFixed", counts, values.length, own.length);
      own.set(values);
    },
    async allReduceSum() {},
    async allReduceSumFixed() {},
    async allReduceMax() {},
    async broadcast(_bytes, root) {
      check.root("broadcast", root);
    },
    async barrier() {},
    async split() {
      return makeLocalCommunicator();
    },
    async close() {},
  });
}

export const localCommunicator: Communicator = makeLocalCommunicator();

function copyInto(target: Uint8Array, source: Uint8Array, call: string): void {
  if (target.length !== source.length) throw lengthError(call, target.length, source.length);
  target.set(source);
}

function lengthError(call: string, expected: number, actual: number): ShapeError {
  return new ShapeError(`communicator of one process, ${call}`, { expected: [expected], actual: [actual] });
}
