import { bytesOf } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { type BoxRows, rowLength } from "../geometry/box-rows.ts";
import type { PointGroup } from "../geometry/point-group.ts";

export interface FourierSums {
  readonly forward: DeviceBuffer;
  readonly weight: DeviceBuffer;
}

/** Bytes of rows that are handed round at a time. */
const WINDOW_BYTES = 16 << 20;
/** Parts in which a rank's rows are summed: in double precision a part takes 24 bytes a voxel. */
const PARTS = 4;

/**
 * Sum over a point group of F and T in rows: every rank's rows are handed round in ascending order, and each rank adds what they give to
 * its own. The result is that of the op `symmetrise`, to the last bit. Consumes `sums`. All ranks of `group` call.
 */
export async function symmetriseAcross(
  device: Device,
  group: Communicator,
  rows: BoxRows,
  starts: readonly number[],
  pointGroup: PointGroup,
  sums: FourierSums,
): Promise<FourierSums> {
  if (pointGroup.order === 1) return sums;
  const length = rowLength(rows.box);
  const operators = device.upload(Float32Array.from(pointGroup.matrices));
  const forward = device.allocate("f32", 2 * rows.rowCount * length);
  const weight = device.allocate("f32", rows.rowCount * length);
  const largest = Math.max(...starts.slice(1).map((end, rank) => end - starts[rank]!));
  const partRows = Math.ceil(largest / PARTS);
  for (let first = 0; first < largest; first += partRows) {
    const rowCount = Math.max(0, Math.min(partRows, rows.rowCount - first));
    const part = device.allocate("f64", 3 * rowCount * length);
    device.fill(part, 0);
    for await (const window of windowsOf(device, group, rows, starts, sums)) {
      if (rowCount > 0) {
        device.symmetriseRows({
          accumulatorRadiusPx: rows.box.radiusPx,
          firstRow: rows.firstRow + first,
          rowCount,
          operators,
          operatorCount: pointGroup.order,
          ...window,
          sums: part,
        });
      }
      await device.idle();
    }
    device.narrowSums({ sums: part, count: rowCount * length, offset: first * length, forward, weight });
    await device.idle();
    part.free();
  }
  for (const buffer of [operators, sums.forward, sums.weight]) buffer.free();
  return { forward, weight };
}

interface Window {
  readonly windowFirstRow: number;
  readonly windowRowCount: number;
  readonly forward: DeviceBuffer;
  readonly weight: DeviceBuffer;
}

/** All rows in pieces, in order, each beginning with the last row of the one before. The buffers are the window's until the next. */
async function* windowsOf(
  device: Device,
  group: Communicator,
  { box, firstRow }: BoxRows,
  starts: readonly number[],
  sums: FourierSums,
): AsyncGenerator<Window> {
  const length = rowLength(box);
  const most = Math.max(1, Math.floor(WINDOW_BYTES / (12 * length)));
  using forward = device.allocate("f32", 2 * (most + 1) * length);
  using weight = device.allocate("f32", (most + 1) * length);
  let held = 0;
  for (let owner = 0; owner < group.size; owner++) {
    for (let first = starts[owner]!; first < starts[owner + 1]!; first += most) {
      const count = Math.min(most, starts[owner + 1]! - first);
      for (const [perVoxel, source, target] of [
        [2, sums.forward, forward],
        [1, sums.weight, weight],
      ] as const) {
        const rowFloats = perVoxel * length;
        const piece =
          group.rank === owner
            ? ((await device.read(source, (first - firstRow) * rowFloats, count * rowFloats)) as Float32Array)
            : new Float32Array(count * rowFloats);
        await group.broadcast(bytesOf(piece), owner);
        // The last row of the piece before is the lower row of the first samples here.
        const before =
          held > 0 ? ((await device.read(target, (held - 1) * rowFloats, rowFloats)) as Float32Array) : null;
        if (before !== null) device.write(target, before);
        device.write(target, piece, before === null ? 0 : rowFloats);
      }
      const overlap = held > 0 ? 1 : 0;
      held = count + overlap;
      if (held >= 2) yield { windowFirstRow: first - overlap, windowRowCount: held, forward, weight };
    }
  }
}
