/** One turn of a belt: every node compares every block once while the blocks travel from neighbour to neighbour. */
export interface RingInput {
  /** [nodes] when each node has its own block in hand. */
  readonly readyS: Float64Array;
  /** [nodes] slices in the block that each node cut; 0: it travels all the same, empty. */
  readonly slices: Float64Array;
  /** [nodes] time to compare one slice. */
  readonly compareS: Float64Array;
  /** Time of an empty shift once sender and receiver have both begun the step, and what each slice adds. */
  readonly latencyS: number;
  readonly sliceShiftS: number;
}

export interface RingResult {
  /** [nodes] when each has compared the last block. */
  readonly finishS: Float64Array;
  /** [nodes] time spent waiting for a block or for a neighbour to take one. */
  readonly waitedS: Float64Array;
}

/**
 * Simulates the belt event by event. A node begins step j when it has compared the block of step j − 1, holds the next one and has handed
 * its own on; in step j it compares the block in hand while it shifts it to the next node. Two buffers a node: a shift starts when both sides
 * have begun the step. The events of a step depend on those of the step before and of one neighbour only, so they are evaluated in that
 * order without a queue: n² events of a few operations.
 */
export function simulateRing({ readyS, slices, compareS, latencyS, sliceShiftS }: RingInput): RingResult {
  const n = readyS.length;
  const waitedS = new Float64Array(n);
  let begin = Float64Array.from(readyS);
  let next = new Float64Array(n);
  for (let step = 0; step < n - 1; step++) {
    // Node k holds the block of node k − step.
    let held = n - step === n ? 0 : n - step;
    const heldByLast = held === 0 ? n - 1 : held - 1;
    // Node k's shift to k + 1 ends at the later of their beginnings plus the transfer.
    let fromPrevious = Math.max(begin[n - 1]!, begin[0]!) + latencyS + sliceShiftS * slices[heldByLast]!;
    for (let k = 0; k < n; k++) {
      const count = slices[held]!;
      const after = k + 1 < n ? k + 1 : 0;
      const toNext = Math.max(begin[k]!, begin[after]!) + latencyS + sliceShiftS * count;
      const compared = begin[k]! + compareS[k]! * count;
      const ready = Math.max(compared, fromPrevious, toNext);
      waitedS[k]! += ready - compared;
      next[k] = ready;
      fromPrevious = toNext;
      held = held + 1 < n ? held + 1 : 0;
    }
    [begin, next] = [next, begin];
  }
  const finishS = begin;
  // In the last step node k holds the block of node k + 1.
  for (let k = 0; k < n; k++) finishS[k]! += compareS[k]! * slices[k + 1 < n ? k + 1 : 0]!;
  return { finishS, waitedS };
}
