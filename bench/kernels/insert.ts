import type { DeviceBuffer } from "../../src/device/buffer.ts";
import type { Device } from "../../src/device/types.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxFor } from "../../src/geometry/fourier-box.ts";
import { normaliseInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";

/** One line of the benchmark's table. */
export interface BenchRow {
  readonly kernel: string;
  /** The case: sizes and what varies. */
  readonly what: string;
  /** Processor time of all threads. */
  readonly ms: number;
  readonly rate: number;
  readonly unit: string;
  /** What the rate is compared with. */
  readonly limit?: string;
  /** Share of that limit, 0 … 1. */
  readonly share?: number;
}

const BOX_PX = 64;
const PADDING = 2;
const IMAGE_COUNT = 64;
const ROTATIONS_PER_IMAGE = 40;
const REPEATS = 3;
/** Eight voxels of three 64-bit integers, read and written. */
const BYTES_PER_INSERT = 2 * 8 * 3 * 8;

/**
 * Insertion of 64 images × 40 rotations of a 64 px box, all shells, padding 2: rotations spread over SO(3) (the worst case for
 * the caches) and clouds of about 2° (what a refinement inserts), 1 and 9 shifts for each rotation. Compared with the copy bandwidth of one
 * core, as if every voxel came from memory and went back there.
 */
export async function run(device: Device): Promise<BenchRow[]> {
  const copyBytesPerMs = measureCopy();
  const rows: BenchRow[] = [];
  for (const spreadRad of [Number.POSITIVE_INFINITY, 0.04]) {
    for (const shiftsPerRotation of [1, 9])
      rows.push(await measure(device, spreadRad, shiftsPerRotation, copyBytesPerMs));
  }
  return rows;
}

async function measure(
  device: Device,
  spreadRad: number,
  shiftsPerRotation: number,
  copyBytesPerMs: number,
): Promise<BenchRow> {
  const maxShell = BOX_PX / 2 - 1;
  const band = makeBand(BOX_PX, maxShell);
  const box = fourierBoxFor(maxShell, PADDING);
  const pointCount = IMAGE_COUNT * ROTATIONS_PER_IMAGE * shiftsPerRotation;
  const owned: DeviceBuffer[] = [];
  const upload = (data: Parameters<Device["upload"]>[0]): DeviceBuffer => {
    const buffer = device.upload(data);
    owned.push(buffer);
    return buffer;
  };
  const next = makeUniform(1);
  const args = {
    boxPx: BOX_PX,
    bandKx: upload(band.kx),
    bandKy: upload(band.ky),
    bandShell: upload(band.shell),
    bandPixelCount: band.pixelCount,
    imageCount: IMAGE_COUNT,
    images: upload(Float32Array.from({ length: 2 * IMAGE_COUNT * band.pixelCount }, next)),
    ctf: upload(Float32Array.from({ length: IMAGE_COUNT * band.pixelCount }, next)),
    inverseSigma2: upload(new Float32Array(maxShell + 1).fill(1)),
    shellCount: maxShell + 1,
    group: upload(new Int32Array(IMAGE_COUNT)),
    scale: upload(new Float32Array(IMAGE_COUNT).fill(1)),
    imageWeight: upload(new Float32Array(IMAGE_COUNT).fill(1)),
    active: upload(Int32Array.from({ length: IMAGE_COUNT }, (_, i) => i)),
    activeCount: IMAGE_COUNT,
    rotationsPerImage: ROTATIONS_PER_IMAGE,
    shiftsPerRotation,
    rotations: upload(makeRotations(spreadRad, next)),
    shiftsPx: upload(Float32Array.from({ length: 2 * pointCount }, () => 4 * next() - 2)),
    weights: upload(Float32Array.from({ length: pointCount }, next)),
    pixelCount: band.pixelCount,
    paddingFactor: PADDING,
    accumulatorRadiusPx: box.radiusPx,
    forwardScale: 2 ** 30,
    weightScale: 2 ** 30,
    accumulator: device.allocate("i64", 3 * box.voxelCount),
  };
  owned.push(args.accumulator);
  await device.idle();
  let ms = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = processorMs();
    device.insert(args);
    await device.idle();
    ms = Math.min(ms, processorMs() - start);
  }
  for (const buffer of owned) buffer.free();
  const insertCount = IMAGE_COUNT * ROTATIONS_PER_IMAGE * band.pixelCount;
  const orientations = Number.isFinite(spreadRad)
    ? `clouds of ${((spreadRad * 180) / Math.PI).toFixed(0)}°`
    : "all of SO(3)";
  return {
    kernel: "insert",
    what: `${BOX_PX} px, padding ${PADDING}, ${orientations}, ${shiftsPerRotation} shift${shiftsPerRotation > 1 ? "s" : ""}, ${device.threads} threads`,
    ms,
    rate: (ms * 1e6) / insertCount,
    unit: "processor ns per pixel",
    limit: "copy bandwidth of one core",
    share: (BYTES_PER_INSERT * insertCount) / ms / copyBytesPerMs,
  };
}

/** A cloud for each image: its own uniform orientation, perturbed by up to spreadRad. */
function makeRotations(spreadRad: number, next: () => number): Float32Array {
  const out = new Float32Array(4 * IMAGE_COUNT * ROTATIONS_PER_IMAGE);
  const centre = new Float64Array(4);
  const q = new Float64Array(4);
  for (let i = 0; i < IMAGE_COUNT * ROTATIONS_PER_IMAGE; i++) {
    const isNew = i % ROTATIONS_PER_IMAGE === 0 || !Number.isFinite(spreadRad);
    if (isNew) uniformRotationInto(centre, 0, next(), next(), next());
    for (let c = 0; c < 4; c++) q[c] = centre[c]! + (Number.isFinite(spreadRad) ? spreadRad * (next() - 0.5) : 0);
    normaliseInto(q, 0, q, 0);
    out.set(q, 4 * i);
  }
  return out;
}

/** Numbers in [0, 1) from a fixed multiplicative generator. */
function makeUniform(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Processor time of all threads: on a busy machine the clock on the wall measures the other programs. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Bytes read and written per millisecond by a copy of 64 MiB. */
function measureCopy(): number {
  const source = new Float64Array(1 << 23).fill(1);
  const target = new Float64Array(1 << 23);
  let ms = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = processorMs();
    target.set(source);
    ms = Math.min(ms, processorMs() - start);
  }
  return (2 * source.byteLength) / ms;
}
