/** How slices reach the ranks. */
export type SliceMode = "recompute" | "allgather" | "grouped" | "conveyor" | "allreduce";

/** What the choice of a mode is made from: equal on all ranks. */
export interface SliceCosts {
  readonly ranks: number;
  /** Ranks of a group in "grouped". */
  readonly groupSize: number;
  readonly unitCount: number;
  readonly unitBytes: number;
  /** Passes over the set: batches of images of the rank that has most. */
  readonly passes: number;
  /** Measured: cutting a unit, and sending one to the next rank while one arrives. */
  readonly cutMs: number;
  readonly shiftMs: number;
  /** Comparing a unit with a batch of images. */
  readonly compareMs: number;
  /** Bytes of slices that a rank may hold. */
  readonly heldBytesLimit: number;
}

export interface SliceChoice {
  readonly mode: SliceMode;
  /** Time of one half-set beyond comparing, ms, per mode; Infinity where it does not fit the memory. */
  readonly estimatesMs: Readonly<Record<SliceMode, number>>;
}

/** A mode must promise this much before slices are sent at all: a measurement of a moment is not that sure. */
const ADVANTAGE = 0.9;

/** The cheapest mode by a model of cutting, sending and hiding: algorithm.md 8.4. */
export function chooseSliceMode(costs: SliceCosts): SliceChoice {
  const { ranks, unitCount, passes, cutMs, shiftMs, compareMs } = costs;
  const share = Math.ceil(unitCount / ranks);
  const fits = unitCount * costs.unitBytes <= costs.heldBytesLimit;
  const others = unitCount - share;
  // A step of the belt costs what its transfer (in groups: one unit round the ring, then the members' units in the group)
  // takes longer than the compare that hides it.
  const exposed = (steps: number, unitsPerStep: number) =>
    steps * Math.max(0, unitsPerStep * shiftMs - unitsPerStep * compareMs);
  const gather = (units: number) => units * shiftMs;
  const groups = ranks / costs.groupSize;
  const estimatesMs = {
    recompute: passes * unitCount * cutMs,
    allgather: fits ? share * cutMs + gather(others) : Number.POSITIVE_INFINITY,
    allreduce: fits ? share * cutMs + 2 * gather(others) : Number.POSITIVE_INFINITY,
    grouped: passes * share * (cutMs + gather(costs.groupSize - 1) + exposed(groups - 1, costs.groupSize)),
    conveyor: passes * share * (cutMs + exposed(ranks - 1, 1)),
  };
  let mode: SliceMode = "recompute";
  for (const other of ["conveyor", "grouped", "allgather"] as const) {
    const limit = mode === "recompute" ? ADVANTAGE * estimatesMs.recompute : estimatesMs[mode];
    if (estimatesMs[other] < limit) mode = other;
  }
  return { mode, estimatesMs };
}

/** Ranks of a group: the largest divisor of their number that is at most its square root; 1 is a belt through all ranks. */
export function groupSizeFor(ranks: number): number {
  let size = 1;
  for (let divisor = 2; divisor * divisor <= ranks; divisor++) if (ranks % divisor === 0) size = divisor;
  return size;
}
