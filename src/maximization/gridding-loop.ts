import type { DeviceBuffer } from "../device/buffer.ts";
import type { DensityArgs } from "../device/ops/density-args.ts";
import type { Device } from "../device/types.ts";
import { type GridShares, halfPlaneStarts } from "./grid-shares.ts";
import type { ModelRanks } from "./model-ranks.ts";
import { exchangePlanes, gatherPlanes } from "./plane-exchange.ts";

/** Radius of the gridding kernel, image pixels. */
const KERNEL_RADIUS_PX = 1.9;

/**
 * The density-compensation loop of the op `reconstruct` across ranks: W of this rank's rows.
 *
 * `slab`: two all-to-alls an iteration; a rank smooths its own planes. `allgather` (Qiao et al. 2019): every rank gathers C whole
 * and smooths every plane; half the exchange in calls, n times the work and the memory of one C.
 */
export async function compensateRows(
  device: Device,
  { mode, group }: ModelRanks,
  density: DensityArgs,
  shares: GridShares,
): Promise<DeviceBuffer> {
  const { gridPx, edgePx, rowStarts } = shares;
  const half = gridPx / 2 + 1;
  const rowFloats = 2 * (edgePx + 1);
  const rowCount = rowStarts[group.rank + 1]! - rowStarts[group.rank]!;
  const planes = halfPlaneStarts(group.size, gridPx);
  const [firstPlane, endPlane] = mode === "slab" ? [planes[group.rank]!, planes[group.rank + 1]!] : [0, half];
  const planeCount = endPlane - firstPlane;
  const lineLength = half * rowCount * rowFloats;
  const planeLength = planeCount * (2 * edgePx + 1) * rowFloats;
  const compensation = device.allocate("f32", rowCount * (2 * edgePx + 1) * (edgePx + 1));
  using lines = device.allocate("f32", mode === "slab" ? Math.max(lineLength, planeLength) : lineLength);
  using whole = mode === "slab" ? null : device.allocate("f32", planeLength);
  using error = device.allocate("f64", 1);
  const smoothing = {
    gridPx,
    edgePx,
    kernelRadiusPx: KERNEL_RADIUS_PX * density.paddingFactor,
    firstPlane,
    planeCount,
  };
  const iterate = async (isFirst: boolean): Promise<number> => {
    device.griddingToPlanes({ ...density, isFirst, compensation, grid: lines });
    if (whole === null) {
      await exchangePlanes(device, group, lines, shares, planes, "toPlanes");
      device.smoothPlanes({ ...smoothing, rowStarts, grid: lines });
      await exchangePlanes(device, group, lines, shares, planes, "toLines");
    } else {
      await gatherPlanes(device, group, lines, whole, shares, half);
      device.smoothPlanes({ ...smoothing, rowStarts, grid: whole });
      await takeOwnRows(device, whole, lines, half * rowStarts[group.rank]! * rowFloats, lineLength);
    }
    device.griddingFromPlanes({ ...density, grid: lines, compensation, error });
    const largest = (await device.read(error)) as Float64Array;
    await group.allReduceMax(largest);
    return largest[0]!;
  };
  let last = Number.POSITIVE_INFINITY;
  let stalled = 0;
  for (let iteration = 1; iteration <= density.griddingIterations; iteration++) {
    const previous = last;
    last = await iterate(iteration === 1);
    stalled = last > 0.95 * previous ? stalled + 1 : 0;
    if (last < 0.01 || (iteration >= 10 && stalled >= 2)) break;
  }
  return compensation;
}

/** Floats that are moved at a time. */
const CHUNK = 1 << 21;

/** This rank's block of the gathered planes, smoothed, back to its lines. */
async function takeOwnRows(
  device: Device,
  whole: DeviceBuffer,
  lines: DeviceBuffer,
  offset: number,
  length: number,
): Promise<void> {
  for (let first = 0; first < length; first += CHUNK) {
    const count = Math.min(CHUNK, length - first);
    device.write(lines, (await device.read(whole, offset + first, count)) as Float32Array, first);
  }
}
