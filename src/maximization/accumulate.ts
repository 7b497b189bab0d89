import { evenShares } from "../comm/even-shares.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { type BoxRows, rowLength } from "../geometry/box-rows.ts";
import { type FourierBox, fourierBoxFor } from "../geometry/fourier-box.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import type { DeviceBand } from "../particles/image-set.ts";
import { finishRows } from "./finish-rows.ts";
import { insertIntoRows, scatterDense } from "./insert-rows.ts";
import {
  type AccumulateOptions,
  fixedPointScales,
  type Insertion,
  imagesPerPart,
  insertWhole,
  isDense,
  rowBatches,
  type WeightedBlock,
} from "./insertion.ts";
import { type ModelRanks, oneModelRank } from "./model-ranks.ts";
import { shellMeans, shellTotals } from "./shell-means.ts";
import { type FourierSums, symmetriseAcross } from "./slab-symmetry.ts";
import { sumAccumulator } from "./sum-accumulator.ts";

export type { AccumulateOptions, WeightedBlock } from "./insertion.ts";

/** F and T of one half-set in the Fourier box, symmetrised, on the device: whole, or the rows y that this rank holds. */
export interface Accumulation extends FourierSums {
  readonly box: FourierBox;
  readonly maxShell: number;
  readonly paddingFactor: number;
  readonly ranks: ModelRanks;
  /** Rows y held here: F and T are [y][z][x]; null: the whole box, [z][y][x]. */
  readonly rows: BoxRows | null;
  /** [ranks of the group + 1] first row of each, and the end. */
  readonly rowStarts: readonly number[];
  /** [maxShell + 1] mean of T per shell. */
  readonly meanWeight: Float64Array;
  free(): void;
}

/**
 * Inserts every block of a half-set into one fixed-point accumulator and completes it: Hermitian plane, symmetry.
 * Integer sums make the result independent of batches, threads, ranks and order.
 */
export async function accumulate(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  blocks: AsyncIterable<WeightedBlock>,
  options: AccumulateOptions,
): Promise<Accumulation> {
  const { maxShell, paddingFactor, ranks = oneModelRank } = options;
  const box = fourierBoxFor(maxShell, paddingFactor);
  const isWhole = ranks.mode === "replicated";
  const rowStarts = isWhole ? [0, box.sizeY] : evenShares(box.sizeY, ranks.group.size);
  const firstRow = rowStarts[ranks.group.rank]!;
  const rows = { box, firstRow, rowCount: rowStarts[ranks.group.rank + 1]! - firstRow };
  const scales = fixedPointScales(model, options);
  const accumulator = device.allocate("i64", 3 * rows.rowCount * rowLength(box), options.isSparse);
  device.claimSlab({ accumulatorRadiusPx: box.radiusPx, firstRow, rowCount: rows.rowCount, accumulator });
  const imageCount = imagesPerPart(model.boxPx, band.band.pixelCount, box);
  const scratch = new Float32Array(imageCount * model.boxPx ** 2);
  const insertion: Insertion = { device, band, reader, model, options, box, scales, scratch };
  let sums: FourierSums;
  try {
    if (isWhole) await insertWhole(insertion, blocks, accumulator);
    else if (isDense(insertion, ranks)) {
      using whole = device.allocate("i64", 3 * box.voxelCount);
      await insertWhole(insertion, blocks, whole);
      await scatterDense(device, ranks.group, rows, rowStarts, whole, accumulator);
    } else {
      const { boxPx, bandKx, bandKy, bandShell } = band;
      const pixelCount = band.band.shellStart[maxShell + 1]!;
      const inserted = { boxPx, bandKx, bandKy, bandShell, pixelCount, shellCount: model.shellCount, paddingFactor };
      const batches = rowBatches(insertion, blocks);
      await insertIntoRows(device, ranks.group, rows, rowStarts, inserted, batches, accumulator);
    }
    await sumAccumulator(device, ranks.peers, accumulator);
    sums = await finishRows(device, ranks.group, rows, rowStarts, accumulator, scales, options.isSparse);
  } catch (thrown) {
    accumulator.free();
    throw thrown;
  }
  const { forward, weight } = isWhole
    ? await symmetrised(device, box, options.group, sums)
    : await symmetriseAcross(device, ranks.group, rows, rowStarts, options.group, sums);
  return {
    box,
    maxShell,
    paddingFactor,
    ranks,
    rows: isWhole ? null : rows,
    rowStarts,
    forward,
    weight,
    meanWeight: isWhole
      ? await meanOfWhole(device, box, weight, options)
      : shellMeans(
          await shellTotals(device, ranks.group, rowStarts, {
            accumulatorRadiusPx: box.radiusPx,
            firstRow,
            rowCount: rows.rowCount,
            edgePx: box.radiusPx,
            limitPx: box.radiusPx,
            paddingFactor,
            shellCount: maxShell + 1,
            isRounded: true,
            prior: null,
            weight,
          }),
        ),
    free() {
      forward.free();
      weight.free();
    },
  };
}

async function meanOfWhole(
  device: Device,
  box: FourierBox,
  weight: DeviceBuffer,
  { maxShell, paddingFactor }: AccumulateOptions,
): Promise<Float64Array> {
  using out = device.allocate("f64", maxShell + 1);
  device.radialMean({ weight, accumulatorRadiusPx: box.radiusPx, paddingFactor, shellCount: maxShell + 1, out });
  return (await device.read(out)) as Float64Array;
}

async function symmetrised(
  device: Device,
  box: FourierBox,
  group: PointGroup,
  { forward, weight }: FourierSums,
): Promise<FourierSums> {
  if (group.order === 1) return { forward, weight };
  const operators = device.upload(Float32Array.from(group.matrices));
  const outForward = device.allocate("f32", 2 * box.voxelCount);
  const outWeight = device.allocate("f32", box.voxelCount);
  device.symmetrise({
    accumulatorRadiusPx: box.radiusPx,
    operators,
    operatorCount: group.order,
    forward,
    weight,
    outForward,
    outWeight,
  });
  await device.idle();
  for (const buffer of [operators, forward, weight]) buffer.free();
  return { forward: outForward, weight: outWeight };
}

/** Adds the second half-set's F and T into the first's: each rank its own part. */
export async function addAccumulation(device: Device, target: Accumulation, other: Accumulation): Promise<void> {
  for (const part of ["forward", "weight"] as const) {
    device.addSums({ source: other[part], target: target[part], count: target[part].length });
  }
  await device.idle();
  for (let s = 0; s < target.meanWeight.length; s++) target.meanWeight[s]! += other.meanWeight[s]!;
}
