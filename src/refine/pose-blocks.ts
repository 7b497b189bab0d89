import { ownShare } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import type { EventLog } from "../core/events.ts";
import type { WeightedBlock } from "../maximization/accumulate.ts";
import type { Dataset } from "./dataset.ts";

const BLOCK = 512;

/** The poses of the file as posteriors of one point each: this rank's share of some rows of the table. */
export async function* poseBlocks(
  data: Dataset,
  half: 0 | 1,
  all: Int32Array,
  comm: Communicator,
  log: EventLog,
): AsyncGenerator<WeightedBlock> {
  const share = ownShare(all.length, comm);
  const rows = all.subarray(share.first, share.end);
  for (let first = 0; first < rows.length; first += BLOCK) {
    const particles = rows.slice(first, first + BLOCK);
    const rotations = new Float32Array(4 * particles.length);
    const shiftsPx = new Float32Array(2 * particles.length);
    particles.forEach((p, i) => {
      rotations.set(data.table.rotation.subarray(4 * p, 4 * p + 4), 4 * i);
      shiftsPx.set(data.shiftPx.subarray(2 * p, 2 * p + 2), 2 * i);
    });
    const ones = new Float32Array(particles.length).fill(1);
    const none = new Float32Array(0);
    yield {
      imageWeight: ones,
      block: {
        half,
        index: first / BLOCK,
        particles,
        rotationsPerImage: 1,
        shiftsPerRotation: 1,
        parentCount: 0,
        shellCount: 0,
        rotations,
        shiftsPx,
        weights: ones,
        summary: none,
        kernel: none,
        parentRotations: none,
        parentShiftsPx: none,
        statistics: new Float64Array(0),
      },
    };
    log.event("reconstruct.batch", { half: half + 1, done: Math.min(first + BLOCK, rows.length), total: rows.length });
  }
}
