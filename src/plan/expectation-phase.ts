import { shareOf } from "../comm/share.ts";
import type { SliceMode } from "../expectation/slices/cost.ts";
import type { ExpectationInput } from "./expectation-input.ts";
import { type KernelFlops, kernelSeconds } from "./kernel-rates.ts";
import type { PhaseTime } from "./phase-time.ts";
import { type ScanClock, scanTurn } from "./scan-turn.ts";
import { particlesIn } from "./shares.ts";

/**
 * How the slices of a scan reach every rank. `recompute`: each cuts all, for each batch of its images. `allgather`: each cuts a share, all are
 * gathered before the first comparison and kept. `allreduce`: the same by a sum over arrays that are zero elsewhere, as the design paper begins.
 * `conveyor`: the blocks travel a ring while they are compared. `grouped`: they travel a ring of groups, whose members gather what they hold.
 */
export const SLICE_MODES: readonly SliceMode[] = ["recompute", "allgather", "allreduce", "grouped", "conveyor"];

/** Simulates the E phase of one round: half-set after half-set, batch after batch, all ranks on both halves. */
export function simulateExpectation(input: ExpectationInput): PhaseTime {
  const { work, rates, cluster, slowness, blockSize, blocksPerBatch } = input;
  const n = slowness.length;
  const seconds = (flops: KernelFlops) => kernelSeconds(flops, rates, cluster.node);
  const perImage =
    seconds(work.expectation) +
    seconds(work.scan?.finerPerImage ?? {}) +
    rates.hostSeconds.expectation +
    (work.scan?.finerPerImage.compareCells ? rates.hostSeconds.cells : 0) +
    (input.readBytesPerImage + input.journalBytesPerImage) / (1e9 * cluster.node.storageGBps);
  const referenceS = seconds(work.reference);
  const parts = { reference: 0, sampling: 0, compare: 0, search: 0, exchange: 0, waiting: 0 };
  let clock: Float64Array = new Float64Array(n);
  let sentBytes = 0;
  const spend = (part: keyof typeof parts, spent: Float64Array) => {
    clock = clock.map((t, k) => t + spent[k]!);
    parts[part] += mean(spent);
  };
  for (const half of [0, 1]) {
    const halfCount = Math.floor((input.particleCount + half) / 2);
    const blockCount = Math.ceil(halfCount / blockSize);
    const shares = Array.from(slowness, (_, k) => shareOf(blockCount, k, n));
    const mostBlocks = Math.max(...shares.map(({ first, end }) => end - first));
    const passes = Math.ceil(mostBlocks / blocksPerBatch);
    spend(
      "reference",
      slowness.map((slow) => slow * referenceS),
    );
    for (let pass = 0; pass < passes; pass++) {
      const images = Float64Array.from(shares, (share) => {
        const first = Math.min(share.end, share.first + pass * blocksPerBatch);
        const end = Math.min(share.end, first + blocksPerBatch);
        return particlesIn({ first, end }, blockSize, halfCount);
      });
      if (work.scan) {
        const turn: ScanClock = scanTurn(input, work.scan, images, clock, pass === 0);
        clock = turn.clock;
        sentBytes += turn.sentBytes;
        for (const name of ["sampling", "compare", "exchange", "waiting"] as const) parts[name] += turn[name];
        const finerS = seconds(work.scan.finerPerPass);
        spend(
          "sampling",
          slowness.map((slow, k) => (images[k]! > 0 ? slow * finerS : 0)),
        );
      }
      spend(
        "search",
        images.map((count, k) => count * perImage * slowness[k]!),
      );
    }
  }
  return { seconds: clock.reduce((a, b) => Math.max(a, b), 0), parts, sentBytes };
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
