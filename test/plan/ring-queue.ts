import type { RingInput, RingResult } from "../../src/plan/ring.ts";

/** A belt simulated with a queue of events and blocks that carry their origin: the slow road to the same answer. */
export function ringByQueue({
  readyS,
  slices,
  compareS,
  latencyS,
  sliceShiftS,
}: RingInput): RingResult & { readonly seen: number[][] } {
  const n = readyS.length;
  const finishS = new Float64Array(n);
  const waitedS = new Float64Array(n);
  const seen: number[][] = Array.from({ length: n }, () => []);
  const queue: { at: number; run: (at: number) => void }[] = [];
  const post = (at: number, run: (at: number) => void) => queue.push({ at, run });
  const node = Array.from({ length: n }, (_, k) => ({
    step: -1,
    block: k,
    incoming: -1,
    comparedAt: 0,
    isCompared: false,
    hasNext: false,
    isSent: false,
  }));
  const begin = (k: number, step: number, block: number, at: number) => {
    Object.assign(node[k]!, { step, block, isCompared: false, hasNext: false, isSent: false });
    seen[k]!.push(block);
    post(at + compareS[k]! * slices[block]!, (end) => {
      node[k]!.isCompared = true;
      node[k]!.comparedAt = end;
      goOn(k, end);
    });
    if (step === n - 1) return;
    const next = (k + 1) % n;
    const previous = (k + n - 1) % n;
    // Whoever begins a step second starts the shift between the two.
    if (node[next]!.step === step) startShift(k, next, at);
    if (previous !== k && node[previous]!.step === step && previous !== next) startShift(previous, k, at);
    if (previous === next && node[next]!.step === step) startShift(next, k, at);
  };
  const startShift = (from: number, to: number, at: number) => {
    const block = node[from]!.block;
    post(at + latencyS + sliceShiftS * slices[block]!, (end) => {
      node[from]!.isSent = true;
      node[to]!.hasNext = true;
      node[to]!.incoming = block;
      goOn(from, end);
      goOn(to, end);
    });
  };
  const goOn = (k: number, at: number) => {
    const { step, isCompared, hasNext, isSent, comparedAt, incoming } = node[k]!;
    if (step === n - 1) {
      if (isCompared) finishS[k] = Math.max(finishS[k]!, comparedAt);
      return;
    }
    if (!isCompared || !hasNext || !isSent) return;
    waitedS[k]! += at - comparedAt;
    begin(k, step + 1, incoming, at);
  };
  for (let k = 0; k < n; k++) post(readyS[k]!, (at) => begin(k, 0, k, at));
  while (queue.length > 0) {
    let first = 0;
    for (let i = 1; i < queue.length; i++) if (queue[i]!.at < queue[first]!.at) first = i;
    const [event] = queue.splice(first, 1);
    event!.run(event!.at);
  }
  return { finishS, waitedS, seen };
}
