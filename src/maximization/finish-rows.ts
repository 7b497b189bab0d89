import { gatherNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { type BoxRows, rowLength } from "../geometry/box-rows.ts";
import type { FourierSums } from "./slab-symmetry.ts";

/** Units of the fixed point: powers of two. */
export interface FixedPointScales {
  readonly forwardScale: number;
  readonly weightScale: number;
}

/**
 * Fixed-point sums of some planes → F and T, with the Hermitian plane x = 0 completed across ranks. F takes the accumulator's own memory,
 * so that at no moment both are held: 24 bytes a voxel while inserting, 28 while this runs, 12 after. Consumes the accumulator.
 *
 * The planes are rows y ([y][z][x]) or, where one rank has them all, either: y and z play the same part here.
 */
export async function finishRows(
  device: Device,
  group: Communicator,
  rows: BoxRows,
  starts: readonly number[],
  accumulator: DeviceBuffer,
  scales: FixedPointScales,
  isSparse = false,
): Promise<FourierSums> {
  const { box, firstRow, rowCount } = rows;
  const column = device.allocate("i64", 3 * box.sizeY * box.sizeZ);
  const place = { accumulatorRadiusPx: box.radiusPx, rowCount };
  const perRow = 3 * box.sizeZ;
  using own = device.allocate("i64", rowCount * perRow);
  device.hermitianColumn({ ...place, accumulator, out: own });
  const all = new BigInt64Array(column.length);
  const counts = starts.slice(1).map((end, rank) => (end - starts[rank]!) * perRow);
  await gatherNumbers(group, (await device.read(own)) as BigInt64Array, all, counts);
  device.write(column, all);
  const voxelCount = rowCount * rowLength(box);
  const weight = device.allocate("f32", voxelCount, isSparse);
  device.finishSlab({ ...place, firstRow, accumulator, column, ...scales, weight });
  await device.idle();
  column.free();
  return { forward: device.shrink(accumulator, "f32", 2 * voxelCount), weight };
}
