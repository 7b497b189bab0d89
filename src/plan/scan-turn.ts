import { shareOf } from "../comm/share.ts";
import { unitsOf } from "../expectation/slices/units.ts";
import { allGatherCost, allReduceCost } from "./collectives.ts";
import type { ExpectationInput } from "./expectation-input.ts";
import { kernelSeconds } from "./kernel-rates.ts";
import { simulateRing } from "./ring.ts";
import type { ScanWork } from "./round-work.ts";
import { groupSizeFor } from "./shares.ts";

/** One pass of all slices: when each rank has met them, and where the time went (means over ranks). */
export interface ScanClock {
  readonly clock: Float64Array;
  readonly sampling: number;
  readonly compare: number;
  readonly exchange: number;
  readonly waiting: number;
  readonly sentBytes: number;
}

/** What a pass is made of, per rank. */
interface Pass {
  readonly start: Float64Array;
  /** [ranks] time to cut one slice, and to compare one with the rank's images. */
  readonly cutS: Float64Array;
  readonly compareS: Float64Array;
  readonly units: readonly number[];
  readonly sliceCount: number;
  readonly sliceBytes: number;
}

/** All slices, once, against a batch of each rank's images. */
export function scanTurn(
  input: ExpectationInput,
  scan: ScanWork,
  images: Float64Array,
  start: Float64Array,
  isFirst: boolean,
): ScanClock {
  const { rates, cluster, slowness, mode } = input;
  const cutOne = kernelSeconds(scan.perSlice, rates, cluster.node);
  const compareOne = kernelSeconds(scan.perComparison, rates, cluster.node);
  const pass: Pass = {
    start,
    cutS: slowness.map((slow) => slow * cutOne),
    compareS: images.map((count, k) => count * compareOne * slowness[k]!),
    units: unitsOf(scan.sliceCount).map((unit) => unit.count),
    sliceCount: scan.sliceCount,
    sliceBytes: scan.sliceBytes,
  };
  if (slowness.length === 1 || mode === "recompute") return ownTurn(pass);
  if (mode === "allgather" || mode === "allreduce") return gatheredTurn(input, pass, isFirst);
  return beltTurn(input, pass, mode === "grouped" ? groupSizeFor(slowness.length, input.groupSize) : 1);
}

function ownTurn({ start, cutS, compareS, sliceCount }: Pass): ScanClock {
  return {
    clock: start.map((t, k) => t + sliceCount * (cutS[k]! + compareS[k]!)),
    sampling: sliceCount * mean(cutS),
    compare: sliceCount * mean(compareS),
    exchange: 0,
    waiting: 0,
    sentBytes: 0,
  };
}

/** Cut and gathered in the first pass of a half-set, then held. */
function gatheredTurn(input: ExpectationInput, pass: Pass, isFirst: boolean): ScanClock {
  const { start, cutS, compareS, sliceCount } = pass;
  const compare = sliceCount * mean(compareS);
  if (!isFirst) {
    const clock = start.map((t, k) => t + sliceCount * compareS[k]!);
    return { clock, sampling: 0, compare, exchange: 0, waiting: 0, sentBytes: 0 };
  }
  const n = start.length;
  const { network, node } = input.cluster;
  const sampling = cutS.map((cut, k) => cut * slicesCutBy(k, n, pass.units));
  const ready = start.map((t, k) => t + sampling[k]!);
  const bytes = sliceCount * pass.sliceBytes;
  // A sum reads two numbers and writes one for each byte that arrives.
  const cost =
    input.mode === "allgather"
      ? allGatherCost(n, bytes, network)
      : allReduceCost(n, bytes, network, 3 / (1e9 * node.memoryGBps));
  const exchange = cost.seconds + stolenSeconds(cost.sentBytes, input);
  const last = ready.reduce((a, b) => Math.max(a, b), 0);
  return {
    clock: compareS.map((t) => last + exchange + sliceCount * t),
    sampling: mean(sampling),
    compare,
    exchange,
    waiting: mean(ready.map((t) => last - t)),
    sentBytes: cost.sentBytes,
  };
}

/**
 * Belt after belt, one unit of each rank at a time. A group of g ranks is a node of the ring: its units travel side by side and its members
 * gather them before they compare; it is as fast as its slowest member.
 */
function beltTurn(input: ExpectationInput, pass: Pass, g: number): ScanClock {
  const { cutS, compareS, units, sliceBytes } = pass;
  const { network } = input.cluster;
  const n = pass.start.length;
  const groups = n / g;
  const shares = Array.from(cutS, (_, k) => shareOf(units.length, k, n));
  const belts = Math.ceil(units.length / n);
  const message = network.latencyS + network.overheadS;
  const stolen = stolenSeconds(sliceBytes, input);
  let clock: Float64Array = Float64Array.from({ length: groups }, (_, group) => lastOf(pass.start, group * g, g));
  const spent = { sampling: 0, exchange: 0, waiting: 0, sentBytes: 0 };
  for (let belt = 0; belt < belts; belt++) {
    const own = Float64Array.from(shares, ({ first, end }) => (first + belt < end ? units[first + belt]! : 0));
    const cut = cutS.map((seconds, k) => seconds * own[k]!);
    const slices = Float64Array.from({ length: groups }, (_, group) => sumOf(own, group * g, g));
    const largest = sliceBytes * slices.reduce((a, b) => Math.max(a, b), 0);
    const gathered = allGatherCost(g, largest, network);
    const ring = simulateRing({
      readyS: clock.map((t, group) => t + lastOf(cut, group * g, g) + gathered.seconds),
      slices,
      compareS: Float64Array.from(slices, (_, group) => lastOf(compareS, group * g, g) + (groups > 1 ? stolen : 0)),
      latencyS: message + (groups > 1 ? gathered.seconds : 0),
      sliceShiftS: sliceBytes / g / network.bytesPerS,
    });
    clock = ring.finishS;
    const all = sumOf(own, 0, n);
    spent.sampling += mean(cut);
    spent.exchange += gathered.seconds + stolen * all;
    spent.waiting += mean(ring.waitedS);
    // Each rank's slices go once to every other.
    spent.sentBytes += (sliceBytes * all * (n - 1)) / n;
  }
  return {
    clock: Float64Array.from(pass.start, (_, k) => clock[Math.floor(k / g)]!),
    compare: pass.sliceCount * mean(compareS),
    ...spent,
  };
}

function slicesCutBy(rank: number, rankCount: number, units: readonly number[]): number {
  const { first, end } = shareOf(units.length, rank, rankCount);
  return units.slice(first, end).reduce((a, b) => a + b, 0);
}

/** Kernel time that sending and receiving so many bytes takes from a rank's cores. */
function stolenSeconds(sentBytes: number, { cluster }: ExpectationInput): number {
  return (2 * sentBytes * cluster.network.coreSecondsPerByte) / cluster.node.cores;
}

function lastOf(values: Float64Array, first: number, count: number): number {
  let last = Number.NEGATIVE_INFINITY;
  for (let k = first; k < first + count; k++) last = Math.max(last, values[k]!);
  return last;
}

function sumOf(values: Float64Array, first: number, count: number): number {
  let sum = 0;
  for (let k = first; k < first + count; k++) sum += values[k]!;
  return sum;
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
