import type { DeviceBuffer } from "../device/buffer.ts";
import type { DensityArgs } from "../device/ops/density-args.ts";
import type { Device } from "../device/types.ts";
import { type BoxRows, gridRows } from "../geometry/box-rows.ts";
import { type MapSlab, planeStarts } from "../map/map-slab.ts";
import type { Accumulation } from "./accumulate.ts";
import { type GridShares, makeGridShares } from "./grid-shares.ts";
import { compensateRows } from "./gridding-loop.ts";
import { exchangePlanes } from "./plane-exchange.ts";
import { shellMeans, shellTotals } from "./shell-means.ts";

export interface ReconstructMapOptions {
  readonly boxPx: number;
  /** [maxShell + 1] added to T per shell; null: none. */
  readonly prior: Float64Array | null;
  readonly griddingIterations: number;
  readonly maxShell?: number;
}

/**
 * The op `reconstruct` where F and T lie in rows y on the ranks of a group: lines along z of a rank's rows, one all-to-all, planes z; the
 * gridding loop likewise, there and back. The same kernels in the same order as on one rank: the same bytes. All ranks call.
 *
 * @returns this rank's planes of the map
 */
export async function reconstructRows(
  device: Device,
  sums: Accumulation,
  rows: BoxRows,
  options: ReconstructMapOptions,
): Promise<MapSlab> {
  const { group } = sums.ranks;
  const { boxPx, griddingIterations } = options;
  const maxShell = options.maxShell ?? sums.maxShell;
  const gridPx = sums.paddingFactor * boxPx;
  const shares = makeGridShares(sums.box, sums.rowStarts, gridPx);
  const buffers: DeviceBuffer[] = [];
  const keep = (buffer: DeviceBuffer): DeviceBuffer => {
    buffers.push(buffer);
    return buffer;
  };
  try {
    const density: DensityArgs = {
      ...(await densityOf(device, sums, rows, shares, maxShell, options, keep)),
      griddingIterations,
    };
    const compensation = griddingIterations > 0 ? await compensateRows(device, sums.ranks, density, shares) : null;
    if (compensation !== null) keep(compensation);
    const { count } = gridRows(rows, gridPx);
    const starts = planeStarts(group, boxPx);
    const [firstPlane, endPlane] = [starts[group.rank]!, starts[group.rank + 1]!];
    const planeCount = endPlane - firstPlane;
    const planeLength = 2 * (2 * shares.edgePx + 1) * (shares.edgePx + 1);
    const lineLength = 2 * boxPx * count * (shares.edgePx + 1);
    const grid = keep(device.allocate("f32", Math.max(lineLength, planeCount * planeLength)));
    device.mapLines({ ...density, boxPx, forward: sums.forward, compensation, grid });
    await exchangePlanes(device, group, grid, shares, starts, "toPlanes");
    const map = keep(device.allocate("f32", planeCount * boxPx * boxPx));
    const place = { gridPx, edgePx: shares.edgePx, firstPlane, planeCount, rowStarts: shares.rowStarts };
    device.mapPlanes({ ...place, boxPx, grid, map });
    return { boxPx, firstPlane, planeCount, data: (await device.read(map)) as Float32Array };
  } finally {
    for (const buffer of buffers) buffer.free();
  }
}

async function densityOf(
  device: Device,
  sums: Accumulation,
  { box, firstRow, rowCount }: BoxRows,
  shares: GridShares,
  maxShell: number,
  options: ReconstructMapOptions,
  keep: (buffer: DeviceBuffer) => DeviceBuffer,
): Promise<Omit<DensityArgs, "griddingIterations">> {
  const prior = keep(device.upload((options.prior ?? new Float64Array(maxShell + 1)).slice(0, maxShell + 1)));
  const place = { accumulatorRadiusPx: box.radiusPx, firstRow, rowCount };
  const totals = await shellTotals(device, sums.ranks.group, sums.rowStarts, {
    ...place,
    weight: sums.weight,
    edgePx: shares.edgePx,
    limitPx: sums.paddingFactor * maxShell,
    paddingFactor: sums.paddingFactor,
    shellCount: maxShell + 1,
    isRounded: false,
    prior,
  });
  let total = 0;
  let count = 0;
  for (let shell = 0; shell <= maxShell; shell++) {
    total += totals.sum[shell]!;
    count += totals.count[shell]!;
  }
  return {
    ...place,
    weight: sums.weight,
    gridPx: shares.gridPx,
    paddingFactor: sums.paddingFactor,
    maxShell,
    prior,
    shellMean: keep(device.upload(shellMeans(totals))),
    mean: total > 0 ? total / count : 0,
  };
}
