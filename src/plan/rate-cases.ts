import type { DeviceBuffer, HostArray } from "../device/buffer.ts";
import { slicePanelLength } from "../device/ops/project.ts";
import type { Device } from "../device/types.ts";
import { makeBand } from "../geometry/band.ts";
import { makeBandColumns } from "../geometry/band-columns.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";
import { cellFlops, compareFlops, insertFlops, projectFlops, realFftFlops, scoreFlops } from "./kernel-flops.ts";
import type { Kernel } from "./kernel-rates.ts";

/** One kernel on a small problem. */
export interface RateCase {
  readonly kernel: Kernel;
  readonly flops: number;
  run(): void;
  free(): void;
}

const BOX_PX = 64;
const PADDING = 2;
const IMAGES = 16;
const SLICES = 1024;
const SHIFTS = 29;
const COMPARED_PIXELS = 400;
const ROTATIONS = 48;
const CLOUD_SHIFTS = 4;
const KEPT = 96;
/** Cells of an image, and half the side of the grid of shifts that they lie on. */
const CELLS = 256;
const GRID_STEPS = 4;

/** The kernels that decide a round, each on its own buffers: values do not matter, places do. */
export function* makeRateCases(device: Device): Generator<RateCase> {
  for (const make of [projectCase, compareCase, cellsCase, scoreCase, insertCase, reconstructCase, fftCase])
    yield make(device);
}

function makeScene(device: Device) {
  const owned: DeviceBuffer[] = [];
  const own = (buffer: DeviceBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  const upload = (data: HostArray) => own(device.upload(data));
  const allocate = (...args: Parameters<Device["allocate"]>) => own(device.allocate(...args));
  const maxShell = BOX_PX / 2;
  const band = makeBand(BOX_PX, maxShell);
  const box = fourierBoxFor(maxShell, PADDING);
  const next = sequence();
  const random = (length: number) => Float32Array.from({ length }, () => next() - 0.5);
  const images = {
    boxPx: BOX_PX,
    bandKx: upload(band.kx),
    bandKy: upload(band.ky),
    bandShell: upload(band.shell),
    bandPixelCount: band.pixelCount,
    imageCount: IMAGES,
    images: upload(random(2 * IMAGES * band.pixelCount)),
    ctf: upload(random(IMAGES * band.pixelCount)),
    inverseSigma2: upload(new Float32Array(maxShell + 1).fill(1)),
    shellCount: maxShell + 1,
    group: upload(new Int32Array(IMAGES)),
    scale: upload(new Float32Array(IMAGES).fill(1)),
  };
  const volume = { volumeRadiusPx: box.radiusPx, paddingFactor: PADDING, maxShell };
  const free = () => {
    for (const buffer of owned) buffer.free();
  };
  return { band, box, maxShell, images, volume, random, upload, allocate, free };
}

type Scene = ReturnType<typeof makeScene>;

function referenceOf(scene: Scene) {
  return { ...scene.volume, volume: scene.upload(scene.random(2 * scene.box.voxelCount)) };
}

function projectCase(device: Device): RateCase {
  const scene = makeScene(device);
  const args = {
    ...scene.images,
    ...referenceOf(scene),
    rotations: scene.upload(scene.random(4 * SLICES)),
    rotationCount: SLICES,
    firstPixel: 1,
    pixelCount: COMPARED_PIXELS + 1,
    layout: "panels" as const,
    out: scene.allocate("f32", slicePanelLength(SLICES, COMPARED_PIXELS)),
  };
  const flops = SLICES * projectFlops(COMPARED_PIXELS);
  return { kernel: "project", flops, run: () => device.project(args), free: scene.free };
}

function compareCase(device: Device): RateCase {
  const scene = makeScene(device);
  const args = {
    ...scene.images,
    ...scanStateOf(scene),
    slices: scene.upload(scene.random(slicePanelLength(SLICES, COMPARED_PIXELS))),
    sliceCount: SLICES,
    firstSlice: 0,
    firstPixel: 1,
    pixelCount: COMPARED_PIXELS + 1,
    shiftsPx: scene.upload(scene.random(2 * SHIFTS)),
    shiftCount: SHIFTS,
    logShiftPrior: scene.upload(new Float32Array(IMAGES * SHIFTS)),
    profileScale: false,
    profile: null,
  };
  const run = () => {
    device.fill(args.topScore, Number.NEGATIVE_INFINITY);
    device.fill(args.topSlice, -1);
    device.compare(args);
  };
  return { kernel: "compare", flops: IMAGES * SLICES * compareFlops(COMPARED_PIXELS, SHIFTS), run, free: scene.free };
}

function scanStateOf(scene: Scene) {
  const empty = Float64Array.from({ length: 2 * IMAGES }, (_, i) => (i % 2 === 0 ? Number.NEGATIVE_INFINITY : 0));
  return {
    keepCount: KEPT,
    evidence: scene.upload(empty),
    topScore: scene.allocate("f32", IMAGES * KEPT),
    topSlice: scene.allocate("i32", IMAGES * KEPT),
    topShift: scene.allocate("i32", IMAGES * KEPT),
  };
}

/** Each image against cells of its own, the shifts about each cell's. */
function cellsCase(device: Device): RateCase {
  const scene = makeScene(device);
  const columns = makeBandColumns(scene.band, 1, COMPARED_PIXELS + 1);
  const width = columns.source.length;
  const span = Array.from({ length: 2 * GRID_STEPS + 1 }, (_, i) => i - GRID_STEPS);
  const steps = span
    .flatMap((y) => span.map((x) => [x, y] as const))
    .filter(([x, y]) => x * x + y * y <= GRID_STEPS ** 2);
  const middle = steps.flatMap(([x, y], i) => (x * x + y * y <= 4 ? [i] : []));
  const args = {
    ...scene.images,
    ...scanStateOf(scene),
    columnKx: scene.upload(columns.kx),
    columnKy: scene.upload(columns.ky),
    columnSource: scene.upload(columns.source),
    rowCount: columns.rowCount,
    chunkStart: scene.upload(columns.chunkStart),
    chunkCount: columns.chunkCount,
    slices: scene.upload(scene.random(2 * CELLS * width)),
    sliceCount: CELLS,
    firstSlice: 0,
    shiftSteps: scene.upload(Int32Array.from(steps.flat())),
    shiftCount: steps.length,
    stepPx: 0.7,
    logShiftPrior: scene.upload(new Float32Array(IMAGES * steps.length)),
    cellStart: scene.upload(Int32Array.from({ length: IMAGES + 1 }, (_, i) => i * CELLS)),
    cellCount: IMAGES * CELLS,
    cellSlice: scene.upload(Int32Array.from({ length: IMAGES * CELLS }, (_, i) => (7 * i) % CELLS)),
    cellShift: scene.upload(Int32Array.from({ length: IMAGES * CELLS }, (_, i) => middle[i % middle.length]!)),
  };
  const run = () => {
    device.fill(args.topScore, Number.NEGATIVE_INFINITY);
    device.fill(args.topSlice, -1);
    device.compareCells(args);
  };
  return { kernel: "compareCells", flops: IMAGES * CELLS * cellFlops(COMPARED_PIXELS), run, free: scene.free };
}

/** Points near one orientation per image, as a cloud has them. */
function pointsOf(scene: Scene) {
  const rotations = new Float32Array(4 * IMAGES * ROTATIONS);
  const spread = scene.random(4 * IMAGES * ROTATIONS);
  for (let i = 0; i < IMAGES * ROTATIONS; i++) {
    const turn = Math.floor(i / ROTATIONS);
    const q = [Math.cos(turn), Math.sin(turn), 0, 0].map((c, axis) => c + 0.04 * spread[4 * i + axis]!);
    const norm = Math.hypot(...q);
    q.forEach((c, axis) => {
      rotations[4 * i + axis] = c / norm;
    });
  }
  return {
    active: scene.upload(Int32Array.from({ length: IMAGES }, (_, i) => i)),
    activeCount: IMAGES,
    rotationsPerImage: ROTATIONS,
    shiftsPerRotation: CLOUD_SHIFTS,
    rotations: scene.upload(rotations),
    shiftsPx: scene.upload(scene.random(2 * IMAGES * ROTATIONS * CLOUD_SHIFTS)),
  };
}

function scoreCase(device: Device): RateCase {
  const scene = makeScene(device);
  const args = {
    ...scene.images,
    ...referenceOf(scene),
    ...pointsOf(scene),
    firstPixel: 1,
    pixelCount: scene.band.pixelCount,
    out: scene.allocate("f32", IMAGES * ROTATIONS * CLOUD_SHIFTS),
  };
  const flops = IMAGES * scoreFlops(scene.band.pixelCount - 1, ROTATIONS, CLOUD_SHIFTS);
  return { kernel: "scorePoints", flops, run: () => device.scorePoints(args), free: scene.free };
}

function insertCase(device: Device): RateCase {
  const scene = makeScene(device);
  const args = {
    ...scene.images,
    ...pointsOf(scene),
    weights: scene.upload(new Float32Array(IMAGES * ROTATIONS * CLOUD_SHIFTS).fill(1 / (ROTATIONS * CLOUD_SHIFTS))),
    imageWeight: scene.upload(new Float32Array(IMAGES).fill(1)),
    pixelCount: scene.band.pixelCount,
    paddingFactor: PADDING,
    accumulatorRadiusPx: scene.box.radiusPx,
    forwardScale: 2 ** 24,
    weightScale: 2 ** 24,
    accumulator: scene.allocate("i64", 3 * scene.box.voxelCount),
  };
  const flops = IMAGES * insertFlops(scene.band.pixelCount, ROTATIONS, CLOUD_SHIFTS);
  return { kernel: "insert", flops, run: () => device.insert(args), free: scene.free };
}

function reconstructCase(device: Device): RateCase {
  const scene = makeScene(device);
  const args = {
    forward: scene.upload(scene.random(2 * scene.box.voxelCount)),
    weight: scene.upload(new Float32Array(scene.box.voxelCount).fill(1)),
    accumulatorRadiusPx: scene.box.radiusPx,
    paddingFactor: PADDING,
    boxPx: BOX_PX,
    maxShell: scene.maxShell,
    prior: scene.upload(new Float64Array(scene.maxShell + 1).fill(1)),
    griddingIterations: 0,
    map: scene.allocate("f32", BOX_PX ** 3),
    report: null,
  };
  const flops = realFftFlops((PADDING * BOX_PX) ** 3);
  return { kernel: "reconstruct", flops, run: () => device.reconstruct(args), free: scene.free };
}

function fftCase(device: Device): RateCase {
  const scene = makeScene(device);
  const sizePx = 2 * BOX_PX;
  const real = scene.upload(scene.random(sizePx ** 3));
  const complex = scene.allocate("f32", sizePx * sizePx * (sizePx + 2));
  return {
    kernel: "fft",
    flops: realFftFlops(sizePx ** 3),
    run: () => device.fftForward3({ sizePx, real, complex }),
    free: scene.free,
  };
}

/** Numbers in (0, 1), the same on every machine. */
function sequence(): () => number {
  let state = 7919;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
