import type { DeviceBuffer } from "../../src/device/buffer.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { bandPrefix, makeBand } from "../../src/geometry/band.ts";
import { fourierBoxFor } from "../../src/geometry/fourier-box.ts";
import { normaliseInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";
import type { BenchRow } from "./insert.ts";

const PADDING = 2;
const IMAGE_COUNT = 64;
const ROTATIONS_PER_IMAGE = 64;
const PARENT_COUNT = 64;
const SHIFTS = 4;
const CLOUD_RAD = 0.02;
const REPEATS = 5;

/**
 * Local search of 64 images × 64 rotations in clouds of about 1°, padding 2. Projection with one shift, then what each
 * further shift adds, at three radii; then the two cloud ops beside it. Processor time of all threads.
 */
export async function run(device: Device): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const maxShell of [10, 20, 30]) {
    const pixels = bandPrefix(makeBand(2 * maxShell + 2, maxShell), maxShell) - 1;
    const one = await measureScore(device, maxShell, 1);
    const nine = await measureScore(device, maxShell, 9);
    const projected = IMAGE_COUNT * ROTATIONS_PER_IMAGE * pixels;
    const what = `radius ${maxShell}, ${pixels} pixels, clouds of 1°, ${device.threads} threads`;
    rows.push({
      kernel: "score-points",
      what: `${what}, one shift`,
      ms: one,
      rate: (one * 1e6) / projected,
      unit: "processor ns per pixel and rotation",
    });
    rows.push({
      kernel: "score-points",
      what: `${what}, each shift beyond the first`,
      ms: (nine - one) / 8,
      rate: ((nine - one) * 1e6) / 8 / projected,
      unit: "processor ns per pixel, rotation and shift",
    });
  }
  rows.push(...(await measureCloud(device)));
  return rows;
}

async function measureScore(device: Device, maxShell: number, shiftsPerRotation: number): Promise<number> {
  const boxPx = 2 * maxShell + 2;
  const band = makeBand(boxPx, maxShell);
  const box = fourierBoxFor(maxShell, PADDING);
  const points = IMAGE_COUNT * ROTATIONS_PER_IMAGE * shiftsPerRotation;
  const next = makeUniform(1);
  const random = (length: number): Float32Array => Float32Array.from({ length }, () => next() - 0.5);
  const [buffers, free] = uploadAll(device, {
    bandKx: band.kx,
    bandKy: band.ky,
    bandShell: band.shell,
    images: random(2 * IMAGE_COUNT * band.pixelCount),
    ctf: random(IMAGE_COUNT * band.pixelCount),
    inverseSigma2: new Float32Array(maxShell + 1).fill(1),
    group: new Int32Array(IMAGE_COUNT),
    scale: new Float32Array(IMAGE_COUNT).fill(1),
    volume: random(2 * box.voxelCount),
    active: Int32Array.from({ length: IMAGE_COUNT }, (_, i) => i),
    rotations: makeClouds(ROTATIONS_PER_IMAGE, next),
    shiftsPx: random(2 * points),
    out: new Float32Array(points),
  });
  const args = {
    ...buffers,
    boxPx,
    bandPixelCount: band.pixelCount,
    imageCount: IMAGE_COUNT,
    shellCount: maxShell + 1,
    volumeRadiusPx: box.radiusPx,
    paddingFactor: PADDING,
    maxShell,
    activeCount: IMAGE_COUNT,
    rotationsPerImage: ROTATIONS_PER_IMAGE,
    shiftsPerRotation,
    firstPixel: 1,
    pixelCount: band.pixelCount,
  };
  const ms = await fastest(device, () => device.scorePoints(args));
  free();
  return ms;
}

/** proposePoints and updateCloud of clouds as above with 4 shifts for each rotation. */
async function measureCloud(device: Device): Promise<BenchRow[]> {
  const points = IMAGE_COUNT * ROTATIONS_PER_IMAGE * SHIFTS;
  const next = makeUniform(2);
  const kernelRow = [CLOUD_RAD, 0, CLOUD_RAD, 0, 0, CLOUD_RAD, 0, 0, 0, 0.3, 0, 0, 0, 0, 0.3];
  const kernel = Float32Array.from({ length: 15 * IMAGE_COUNT }, (_, i) => kernelRow[i % 15]!);
  const [buffers, free] = uploadAll(device, {
    active: Int32Array.from({ length: IMAGE_COUNT }, (_, i) => i),
    rotations: new Float32Array(4 * IMAGE_COUNT * ROTATIONS_PER_IMAGE),
    shiftsPx: new Float32Array(2 * points),
    logProposal: new Float32Array(points),
    logLikelihood: Float32Array.from({ length: points }, next),
    weights: new Float32Array(points),
    parentRotations: makeClouds(PARENT_COUNT, next),
    parentShiftsPx: Float32Array.from({ length: 2 * IMAGE_COUNT * PARENT_COUNT }, next),
    parentWeights: new Float32Array(IMAGE_COUNT * PARENT_COUNT).fill(1 / PARENT_COUNT),
    kernel,
    symmetry: Float32Array.of(1, 0, 0, 0),
    key: Uint32Array.from({ length: 2 * IMAGE_COUNT }, (_, i) => i),
    priorCentrePx: new Float32Array(2 * IMAGE_COUNT),
    priorSigmaPx: new Float32Array(IMAGE_COUNT).fill(2),
    summary: new Float32Array(SUMMARY_FIELDS * IMAGE_COUNT),
  });
  const args = {
    ...buffers,
    activeCount: IMAGE_COUNT,
    rotationsPerImage: ROTATIONS_PER_IMAGE,
    shiftsPerRotation: SHIFTS,
    parentCount: PARENT_COUNT,
    degreesOfFreedom: 5,
    symmetryCount: 1,
    stream: 0,
    phase: 0,
    temper: 1,
    perturbFactor: 0.8,
    parentSpread: 0.5,
    shrinkFloor: 0.5,
    minRotationRad: 1e-4,
    minShiftPx: 1e-3,
  };
  const proposeMs = await fastest(device, () => device.proposePoints(args));
  const updateMs = await fastest(device, () => {
    device.write(buffers.kernel, kernel); // each update overwrites it
    device.updateCloud(args);
  });
  free();
  const what = `${ROTATIONS_PER_IMAGE} × ${SHIFTS} points, ${PARENT_COUNT} parents, ${device.threads} threads`;
  const row = (kernel: string, ms: number): BenchRow => ({
    kernel,
    what,
    ms,
    rate: (ms * 1e3) / IMAGE_COUNT,
    unit: "processor µs per image",
  });
  return [row("propose-points", proposeMs), row("update-cloud", updateMs)];
}

type Arrays = Readonly<Record<string, Parameters<Device["upload"]>[0]>>;

function uploadAll<T extends Arrays>(device: Device, arrays: T): [{ [Name in keyof T]: DeviceBuffer }, () => void] {
  const entries = Object.entries(arrays).map(([name, data]) => [name, device.upload(data)] as const);
  const free = (): void => {
    for (const [, buffer] of entries) buffer.free();
  };
  return [Object.fromEntries(entries) as { [Name in keyof T]: DeviceBuffer }, free];
}

/** Processor time: on a busy machine the clock on the wall measures the other programs. */
async function fastest(device: Device, call: () => void): Promise<number> {
  await device.idle();
  let ms = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = process.cpuUsage();
    call();
    await device.idle();
    const { user, system } = process.cpuUsage(start);
    ms = Math.min(ms, (user + system) / 1000);
  }
  return ms;
}

/** A cloud for each image: its own uniform orientation, perturbed. */
function makeClouds(rotationsPerImage: number, next: () => number): Float32Array {
  const out = new Float32Array(4 * IMAGE_COUNT * rotationsPerImage);
  const centre = new Float64Array(4);
  const q = new Float64Array(4);
  for (let i = 0; i < IMAGE_COUNT * rotationsPerImage; i++) {
    if (i % rotationsPerImage === 0) uniformRotationInto(centre, 0, next(), next(), next());
    for (let c = 0; c < 4; c++) q[c] = centre[c]! + CLOUD_RAD * (next() - 0.5);
    normaliseInto(q, 0, q, 0);
    out.set(q, 4 * i);
  }
  return out;
}

/** Numbers in (0, 1) from a fixed multiplicative generator. */
function makeUniform(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
