import { exchangeNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import { SLICE_PIXEL_WORDS } from "../device/ops/slab-insert.ts";
import type { InsertTilesArgs } from "../device/ops/tile-insert.ts";
import type { Device } from "../device/types.ts";
import type { BoxRows } from "../geometry/box-rows.ts";
import { unpackSlices } from "./slice-messages.ts";
import { isTileMessage, unpackTiles } from "./tile-messages.ts";

/** The band and what insertion takes of it: the same on every rank. */
export type InsertedBand = Pick<
  InsertTilesArgs,
  "boxPx" | "bandKx" | "bandKy" | "bandShell" | "pixelCount" | "shellCount" | "paddingFactor"
>;

/** Some images of this rank, ready to be sent to whoever holds rows. */
export interface RowBatch {
  /** What touches the rows [firstRow, endRow), as bytes. */
  pack(firstRow: number, endRow: number): Uint8Array;
}

/** Bytes of slices that a rank extracts between two exchanges. */
export const SLICE_BATCH_BYTES = 8 << 20;

/** Slices of one batch: at least one. */
export function slicesPerBatch(pixelCount: number): number {
  return Math.max(1, Math.floor(SLICE_BATCH_BYTES / (4 * SLICE_PIXEL_WORDS * Math.max(pixelCount, 1))));
}

/**
 * Adds every rank's images to the rows y that each of `group` holds, round by round until no rank has any left: single rotations as
 * slices, pixel by pixel; clusters of near ones as tiles that travel once for all rotations, and the owner of the rows sums as one process
 * would. Integer sums, so order and rounds change nothing. All ranks of `group` call.
 *
 * @param starts  [ranks + 1] first row of each rank, and the end
 * @param accumulator  this rank's rows, added to
 */
export async function insertIntoRows(
  device: Device,
  group: Communicator,
  rows: BoxRows,
  starts: readonly number[],
  band: InsertedBand,
  batches: AsyncIterator<RowBatch>,
  accumulator: DeviceBuffer,
): Promise<void> {
  for (let isDone = false; ; ) {
    const next: IteratorResult<RowBatch> | null = isDone ? null : await batches.next();
    isDone ||= next === null || next.done === true;
    const anyLeft = Float64Array.of(isDone ? 0 : 1);
    await group.allReduceMax(anyLeft);
    if (anyLeft[0] === 0) return;
    const batch = next === null || next.done === true ? null : next.value;
    for (const message of await exchange(group, starts, batch)) {
      if (message.length === 0) continue;
      if (isTileMessage(message)) addTiles(device, message, rows, band, accumulator);
      else addSlices(device, message, rows, accumulator);
    }
    // At most one round's images are on the device.
    await device.idle();
  }
}

async function exchange(group: Communicator, starts: readonly number[], batch: RowBatch | null): Promise<Uint8Array[]> {
  const parts = starts.slice(1).map((end, rank) => batch?.pack(starts[rank]!, end) ?? new Uint8Array(0));
  if (group.size === 1) return parts;
  const ones = parts.map(() => 1);
  const sendBytes = parts.map((part) => part.length);
  const receiveBytes = Array.from(
    await exchangeNumbers(group, Float64Array.from(sendBytes), ones, new Float64Array(group.size), ones),
  );
  const outgoing = new Uint8Array(sendBytes.reduce((a, b) => a + b, 0));
  const incoming = new Uint8Array(receiveBytes.reduce((a, b) => a + b, 0));
  parts.reduce((place, part) => {
    outgoing.set(part, place);
    return place + part.length;
  }, 0);
  await group.allToAll(outgoing, sendBytes, incoming, receiveBytes);
  let place = 0;
  return receiveBytes.map((length) => {
    place += length;
    return incoming.subarray(place - length, place);
  });
}

function addTiles(
  device: Device,
  bytes: Uint8Array,
  { box, firstRow, rowCount }: BoxRows,
  band: InsertedBand,
  accumulator: DeviceBuffer,
): void {
  const message = unpackTiles(bytes);
  using tileStart = device.upload(message.tileStart);
  using pointStart = device.upload(message.pointStart);
  using tiles = device.upload(message.tiles);
  using planes = device.upload(message.planes);
  using rotations = device.upload(message.rotations);
  using shiftsPx = device.upload(message.shiftsPx);
  using weights = device.upload(message.weights);
  device.insertTiles({
    ...band,
    accumulatorRadiusPx: box.radiusPx,
    firstRow,
    rowCount,
    messageImageCount: message.imageCount,
    messageTileCount: message.tileCount,
    messagePointCount: message.pointCount,
    shiftsPerRotation: message.shiftsPerRotation,
    tileStart,
    pointStart,
    tiles,
    planes,
    rotations,
    shiftsPx,
    weights,
    accumulator,
  });
}

function addSlices(device: Device, bytes: Uint8Array, rows: BoxRows, accumulator: DeviceBuffer): void {
  const message = unpackSlices(bytes, rows.rowCount);
  // Three pixels of padding: the kernel reads four at a time.
  using pixels = device.allocate("f32", SLICE_PIXEL_WORDS * (message.pixelCount + 3));
  device.write(pixels, message.pixels);
  using rowStart = device.upload(message.rowStart);
  using matrices = device.upload(message.matrices);
  device.addSlices({
    accumulatorRadiusPx: rows.box.radiusPx,
    firstRow: rows.firstRow,
    rowCount: rows.rowCount,
    sliceCount: message.sliceCount,
    pixelCount: message.pixelCount,
    pixels,
    rowStart,
    matrices,
    accumulator,
  });
}

/**
 * The dense way: whole accumulators, small ones, summed over the group and cut. Fewer bytes than sparse blocks once the slices
 * of every rank fill the box.
 *
 * @param whole  i64 [z][y][x][3], this rank's slices
 */
export async function scatterDense(
  device: Device,
  group: Communicator,
  { box }: BoxRows,
  starts: readonly number[],
  whole: DeviceBuffer,
  accumulator: DeviceBuffer,
): Promise<void> {
  const planes = (await device.read(whole)) as BigInt64Array;
  const values = new BigInt64Array(planes.length);
  const line = 3 * box.sizeX;
  for (let z = 0; z < box.sizeZ; z++) {
    for (let y = 0; y < box.sizeY; y++) {
      const from = (z * box.sizeY + y) * line;
      values.set(planes.subarray(from, from + line), (y * box.sizeZ + z) * line);
    }
  }
  const counts = starts.slice(1).map((end, rank) => (end - starts[rank]!) * box.sizeZ * line);
  const own = new BigInt64Array(counts[group.rank]!);
  await group.reduceScatterFixed(values, own, counts);
  using sums = device.upload(own);
  device.addFixed({ source: sums, target: accumulator, targetOffset: 0, count: own.length });
  await device.idle();
}
