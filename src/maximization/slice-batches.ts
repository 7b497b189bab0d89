import type { InsertArgs } from "../device/ops/insert.ts";
import { SLICE_PIXEL_WORDS } from "../device/ops/slab-insert.ts";
import type { Device } from "../device/types.ts";
import type { FourierBox } from "../geometry/fourier-box.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import { slicesPerBatch } from "./insert-rows.ts";
import type { SliceBatch } from "./slice-messages.ts";

/** The slices of some points (image × rotation) of one block of particles, in batches of bounded size. */
export async function* slicesOfBlock(
  device: Device,
  args: Omit<InsertArgs, "accumulator">,
  points: Int32Array,
  box: FourierBox,
): AsyncGenerator<SliceBatch> {
  const capacity = Math.max(1, args.pixelCount);
  const most = slicesPerBatch(capacity);
  for (let first = 0; first < points.length; first += most) {
    const own = points.subarray(first, first + most);
    const count = own.length;
    using pointsInUse = device.upload(own);
    using pixels = device.allocate("f32", SLICE_PIXEL_WORDS * count * capacity);
    using rowStart = device.allocate("i32", count * (box.sizeY + 1));
    using matrices = device.allocate("f64", 6 * count);
    device.extractSlices({
      ...args,
      points: pointsInUse,
      pointCount: count,
      pixelCapacity: capacity,
      pixels,
      rowStart,
      matrices,
    });
    yield {
      count,
      capacity,
      pixels: (await device.read(pixels)) as Float32Array,
      rowStart: (await device.read(rowStart)) as Int32Array,
      matrices: (await device.read(matrices)) as Float64Array,
    };
  }
}

/** Points (image × rotation) with a weight other than 0, of images with one. */
export function pointsInUse(block: PosteriorBlock, imageWeight: Float32Array): Int32Array {
  const { rotationsPerImage, shiftsPerRotation, weights } = block;
  const points: number[] = [];
  for (let point = 0; point < block.particles.length * rotationsPerImage; point++) {
    if (imageWeight[Math.floor(point / rotationsPerImage)] === 0) continue;
    const own = weights.subarray(point * shiftsPerRotation, (point + 1) * shiftsPerRotation);
    if (own.some((weight) => weight !== 0)) points.push(point);
  }
  return Int32Array.from(points);
}
