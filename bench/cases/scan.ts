import { slicePanelLength } from "../../src/device/ops/project.ts";
import type { Device } from "../../src/device/types.ts";
import { makeBandColumns } from "../../src/geometry/band-columns.ts";
import { cellFlops } from "../../src/plan/kernel-flops.ts";
import { type BenchCase, makeOwner, makeUniform, normals } from "../case.ts";
import { makeScene } from "../scene.ts";

const SLICES = 1024;
const KEPT = 96;

/** The global search: slices cut from the reference, and images compared with them. */
export function cases(device: Device): BenchCase[] {
  return [
    projectCase(device, 300),
    projectCase(device, 1000),
    compareCase(device, { pixels: 100, images: 96, shifts: 29 }),
    compareCase(device, { pixels: 300, images: 32, shifts: 29 }),
    compareCase(device, { pixels: 1000, images: 12, shifts: 29 }),
    compareCase(device, { pixels: 1000, images: 6, shifts: 61 }),
    cellsCase(device, { pixels: 300, images: 64, cells: 512 }),
    cellsCase(device, { pixels: 1000, images: 32, cells: 256 }),
  ];
}

function rotationsOf(count: number): Float32Array {
  // project normalises quaternions: four normal numbers are a uniform rotation.
  return normals(4 * count, 5);
}

function projectCase(device: Device, pixels: number): BenchCase {
  const scene = makeScene(device, 1);
  const owner = makeOwner(device);
  const rotations = owner.upload(rotationsOf(SLICES));
  const out = owner.allocate("f32", slicePanelLength(SLICES, pixels));
  const samples = SLICES * pixels;
  return {
    kernel: "project",
    what: `${SLICES} slices, ${pixels} pixels`,
    // Seven interpolations of a complex number (28), the place in the volume (12), |S|² (3).
    work: { flops: 43 * samples, bytes: 12 * samples, gathers: 4 * samples },
    run() {
      device.project({
        ...scene.images,
        ...scene.reference,
        rotations,
        rotationCount: SLICES,
        firstPixel: 1,
        pixelCount: pixels + 1,
        layout: "panels",
        out,
      });
    },
    free() {
      owner.free();
      scene.free();
    },
  };
}

function compareCase(device: Device, size: { pixels: number; images: number; shifts: number }): BenchCase {
  const { pixels, images, shifts } = size;
  const scene = makeScene(device, images);
  const owner = makeOwner(device);
  const slices = owner.allocate("f32", slicePanelLength(SLICES, pixels));
  const rotations = owner.upload(rotationsOf(SLICES));
  const range = { firstPixel: 1, pixelCount: pixels + 1 };
  device.project({
    ...scene.images,
    ...scene.reference,
    ...range,
    rotations,
    rotationCount: SLICES,
    layout: "panels",
    out: slices,
  });
  const shiftsPx = owner.upload(normals(2 * shifts, 6, 2));
  const logShiftPrior = owner.upload(new Float32Array(images * shifts).fill(-Math.log(shifts)));
  const evidence = owner.upload(Float64Array.from({ length: 2 * images }, (_, i) => (i % 2 === 0 ? -Infinity : 0)));
  const topScore = owner.allocate("f32", images * KEPT);
  const topSlice = owner.allocate("i32", images * KEPT);
  const topShift = owner.allocate("i32", images * KEPT);
  const products = images * SLICES * pixels;
  return {
    kernel: "compare",
    what: `${images} images × ${SLICES} slices × ${shifts} shifts, ${pixels} pixels`,
    work: { flops: products * (2 + 4 * shifts), bytes: 4 * (3 * SLICES * pixels + 3 * images * pixels) },
    run() {
      device.fill(topScore, -Infinity);
      device.fill(topSlice, -1);
      device.compare({
        ...scene.images,
        ...range,
        slices,
        sliceCount: SLICES,
        firstSlice: 0,
        shiftsPx,
        shiftCount: shifts,
        logShiftPrior,
        profileScale: false,
        keepCount: KEPT,
        evidence,
        topScore,
        topSlice,
        topShift,
        profile: null,
      });
    },
    free() {
      owner.free();
      scene.free();
    },
  };
}

/** Steps of a grid of shifts, near the middle first. */
const GRID_STEPS = 4;
const CELL_SLICES = 256;

/** The finer grids of the scan: each image against cells of its own, 21 shifts about each cell's. */
function cellsCase(device: Device, size: { pixels: number; images: number; cells: number }): BenchCase {
  const { pixels, images, cells } = size;
  const scene = makeScene(device, images);
  const owner = makeOwner(device);
  const columns = makeBandColumns(scene.band, 1, pixels + 1);
  const width = columns.source.length;
  const span = Array.from({ length: 2 * GRID_STEPS + 1 }, (_, i) => i - GRID_STEPS);
  const steps = span
    .flatMap((y) => span.map((x) => [x, y] as const))
    .filter(([x, y]) => x * x + y * y <= GRID_STEPS ** 2);
  const middle = steps.flatMap(([x, y], i) => (x * x + y * y <= 4 ? [i] : []));
  const next = makeUniform(8);
  const pick = (count: number) => Math.floor(next() * count);
  const slice = owner.upload(Int32Array.from({ length: images * cells }, () => pick(CELL_SLICES)));
  const shift = owner.upload(Int32Array.from({ length: images * cells }, () => middle[pick(middle.length)]!));
  const args = {
    columnKx: owner.upload(columns.kx),
    columnKy: owner.upload(columns.ky),
    columnSource: owner.upload(columns.source),
    rowCount: columns.rowCount,
    chunkStart: owner.upload(columns.chunkStart),
    chunkCount: columns.chunkCount,
    slices: owner.upload(normals(2 * CELL_SLICES * width, 9)),
    sliceCount: CELL_SLICES,
    firstSlice: 0,
    shiftSteps: owner.upload(Int32Array.from(steps.flat())),
    shiftCount: steps.length,
    stepPx: 0.7,
    logShiftPrior: owner.upload(new Float32Array(images * steps.length).fill(-Math.log(steps.length))),
    cellStart: owner.upload(Int32Array.from({ length: images + 1 }, (_, i) => i * cells)),
    cellCount: images * cells,
    cellSlice: slice,
    cellShift: shift,
    keepCount: KEPT,
    evidence: owner.upload(Float64Array.from({ length: 2 * images }, (_, i) => (i % 2 === 0 ? -Infinity : 0))),
    topScore: owner.allocate("f32", images * KEPT),
    topSlice: owner.allocate("i32", images * KEPT),
    topShift: owner.allocate("i32", images * KEPT),
  };
  return {
    kernel: "compareCells",
    what: `${images} images × ${cells} cells × 21 shifts, ${pixels} pixels`,
    work: { flops: images * cells * cellFlops(pixels), bytes: 8 * (CELL_SLICES + images) * width },
    run() {
      device.fill(args.topScore, -Infinity);
      device.fill(args.topSlice, -1);
      device.compareCells({ ...scene.images, ...args });
    },
    free() {
      owner.free();
      scene.free();
    },
  };
}
