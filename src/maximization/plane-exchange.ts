import { exchangeNumbers, gatherNumbers } from "../comm/typed-exchange.ts";
import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import type { GridShares } from "./grid-shares.ts";

/**
 * Between lines and planes, in one buffer. Lines are [planes of all][own rows][e+1], so a rank's planes are one piece; planes are
 * [ranks][own planes][rows of that rank][e+1], as they come: nothing is packed on either side.
 *
 * @param grid  f32, room for both
 * @param planeStarts  [ranks + 1] first plane of each rank, and the end
 */
export async function exchangePlanes(
  device: Device,
  group: Communicator,
  grid: DeviceBuffer,
  shares: GridShares,
  planeStarts: readonly number[],
  direction: "toPlanes" | "toLines",
): Promise<void> {
  if (group.size === 1) return;
  const { lines, planes } = exchangeCounts(group, shares, planeStarts);
  const [send, receive] = direction === "toPlanes" ? [lines, planes] : [planes, lines];
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const outgoing = (await device.read(grid, 0, total(send))) as Float32Array;
  device.write(grid, await exchangeNumbers(group, outgoing, send, new Float32Array(total(receive)), receive));
}

/** Planes of the grid that one message of the all-gather holds at a time. */
const GATHERED_PLANES = 16;

/**
 * All lines on every rank: [ranks][planes][rows of that rank][e+1], some planes at a time so that the host holds few of them.
 *
 * @param lines  f32 [planes][own rows][e+1]
 * @param whole  f32, overwritten
 */
export async function gatherPlanes(
  device: Device,
  group: Communicator,
  lines: DeviceBuffer,
  whole: DeviceBuffer,
  shares: GridShares,
  planeCount: number,
): Promise<void> {
  const rowFloats = 2 * (shares.edgePx + 1);
  const rowsOf = shares.rowStarts.slice(1).map((end, rank) => end - shares.rowStarts[rank]!);
  const own = rowsOf[group.rank]! * rowFloats;
  for (let first = 0; first < planeCount; first += GATHERED_PLANES) {
    const count = Math.min(GATHERED_PLANES, planeCount - first);
    const mine = (await device.read(lines, first * own, count * own)) as Float32Array;
    const counts = rowsOf.map((rows) => count * rows * rowFloats);
    const all = new Float32Array(counts.reduce((sum, length) => sum + length, 0));
    await gatherNumbers(group, mine, all, counts);
    let place = 0;
    counts.forEach((length, rank) => {
      const target = rowFloats * (planeCount * shares.rowStarts[rank]! + first * rowsOf[rank]!);
      device.write(whole, all.subarray(place, place + length), target);
      place += length;
    });
  }
}

/** Floats of the messages between this rank and each: of lines (own rows, their planes) and planes (their rows, own planes). */
function exchangeCounts(group: Communicator, shares: GridShares, planeStarts: readonly number[]) {
  const rowFloats = 2 * (shares.edgePx + 1);
  const rows = shares.rowStarts.slice(1).map((end, rank) => end - shares.rowStarts[rank]!);
  const planes = planeStarts.slice(1).map((end, rank) => end - planeStarts[rank]!);
  return {
    lines: planes.map((count) => count * rows[group.rank]! * rowFloats),
    planes: rows.map((count) => count * planes[group.rank]! * rowFloats),
  };
}
