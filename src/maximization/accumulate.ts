import type { Communicator } from "../comm/types.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { type FourierBox, fourierBoxFor } from "../geometry/fourier-box.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import type { ImageModel, ImageReader } from "../particles/image-model.ts";
import { type DeviceBand, loadImageSet } from "../particles/image-set.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import { sumAccumulator } from "./sum-accumulator.ts";

/** F and T of one half-set in the Fourier box, symmetrised, on the device. */
export interface Accumulation {
  readonly box: FourierBox;
  readonly maxShell: number;
  readonly paddingFactor: number;
  /** f32 complex */
  readonly forward: DeviceBuffer;
  /** f32 */
  readonly weight: DeviceBuffer;
  /** [maxShell + 1] mean of T per shell. */
  readonly meanWeight: Float64Array;
  free(): void;
}

export interface AccumulateOptions {
  readonly half: number;
  readonly maxShell: number;
  readonly paddingFactor: number;
  readonly group: PointGroup;
  /** Particles of this half-set: bounds the sums. */
  readonly particleCount: number;
  /** Upper bound of |X| over all images, after gain: Σ|x| over the pixels. */
  readonly largestAmplitude: number;
  /** Ranks that each insert some of the blocks; absent: the blocks are all there are. */
  readonly comm?: Communicator;
  readonly signal: AbortSignal;
}

/** Blocks with the weight p(good) of each of their particles. */
export interface WeightedBlock {
  readonly block: PosteriorBlock;
  readonly imageWeight: Float32Array;
}

/**
 * Inserts every block of a half-set into one fixed-point accumulator and completes it: Hermitian plane, symmetry.
 * Integer sums make the result independent of batches, threads and order.
 */
export async function accumulate(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  blocks: AsyncIterable<WeightedBlock>,
  options: AccumulateOptions,
): Promise<Accumulation> {
  const { maxShell, paddingFactor } = options;
  const box = fourierBoxFor(maxShell, paddingFactor);
  const scales = fixedPointScales(model, options);
  const accumulator = device.allocate("i64", 3 * box.voxelCount);
  device.fill(accumulator, 0);
  try {
    for await (const { block, imageWeight } of blocks) {
      options.signal.throwIfAborted();
      await insertBlock(device, band, reader, model, block, imageWeight, accumulator, box, options, scales);
    }
    if (options.comm) await sumAccumulator(device, options.comm, accumulator);
    const forward = device.allocate("f32", 2 * box.voxelCount);
    const weight = device.allocate("f32", box.voxelCount);
    device.finishAccumulator({ accumulator, accumulatorRadiusPx: box.radiusPx, ...scales, forward, weight });
    await device.idle();
    const sums = await symmetrised(device, box, options.group, forward, weight);
    const out = device.allocate("f64", maxShell + 1);
    device.radialMean({
      weight: sums.weight,
      accumulatorRadiusPx: box.radiusPx,
      paddingFactor,
      shellCount: maxShell + 1,
      out,
    });
    const meanWeight = (await device.read(out)) as Float64Array;
    out.free();
    return {
      box,
      maxShell,
      paddingFactor,
      ...sums,
      meanWeight,
      free() {
        sums.forward.free();
        sums.weight.free();
      },
    };
  } finally {
    accumulator.free();
  }
}

async function insertBlock(
  device: Device,
  band: DeviceBand,
  reader: ImageReader,
  model: ImageModel,
  block: PosteriorBlock,
  imageWeight: Float32Array,
  accumulator: DeviceBuffer,
  box: FourierBox,
  options: AccumulateOptions,
  scales: { readonly forwardScale: number; readonly weightScale: number },
): Promise<void> {
  // The master image, neither masked nor moved, takes the whole shift: nothing is interpolated twice.
  const set = await loadImageSet(device, band, reader, model, block.particles, {
    half: options.half,
    mask: null,
    isRecentred: false,
  });
  const buffers = {
    active: device.upload(Int32Array.from(block.particles, (_, i) => i)),
    rotations: device.upload(block.rotations),
    shiftsPx: device.upload(block.shiftsPx),
    weights: device.upload(block.weights),
    imageWeight: device.upload(imageWeight),
  };
  device.insert({
    ...set.args,
    ...buffers,
    activeCount: block.particles.length,
    rotationsPerImage: block.rotationsPerImage,
    shiftsPerRotation: block.shiftsPerRotation,
    pixelCount: band.band.shellStart[options.maxShell + 1]!,
    paddingFactor: options.paddingFactor,
    accumulatorRadiusPx: box.radiusPx,
    ...scales,
    accumulator,
  });
  await device.idle();
  for (const buffer of Object.values(buffers)) buffer.free();
  set.free();
}

async function symmetrised(
  device: Device,
  box: FourierBox,
  group: PointGroup,
  forward: DeviceBuffer,
  weight: DeviceBuffer,
) {
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

/**
 * Powers of two that bring the largest possible sum below 2^62 and the largest contribution below 2^50, from bounds known before
 * the first insertion: |contribution to F| ≤ scale·|X|/σ², to T ≤ scale²/σ²; one image adds at most 8 full contributions to a voxel.
 */
function fixedPointScales(
  model: ImageModel,
  options: AccumulateOptions,
): { forwardScale: number; weightScale: number } {
  let inverseSigma2 = 0;
  for (const value of model.sigma2[options.half]!) if (value > 0) inverseSigma2 = Math.max(inverseSigma2, 1 / value);
  const scale = model.scale.reduce((a, b) => Math.max(a, b), 0);
  const power = (bound: number) =>
    2 **
    Math.min(
      Math.floor(62 - Math.log2(8 * Math.max(options.particleCount, 1) * bound)),
      Math.floor(50 - Math.log2(bound)),
    );
  return {
    forwardScale: power(options.largestAmplitude * scale * inverseSigma2),
    weightScale: power(scale * scale * inverseSigma2),
  };
}

/** Adds the second half-set's F and T into the first's. */
export async function addAccumulation(device: Device, target: Accumulation, other: Accumulation): Promise<void> {
  for (const part of ["forward", "weight"] as const) {
    const a = (await device.read(target[part])) as Float32Array;
    const b = (await device.read(other[part])) as Float32Array;
    for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
    device.write(target[part], a);
  }
  for (let s = 0; s < target.meanWeight.length; s++) target.meanWeight[s]! += other.meanWeight[s]!;
}
