import type { OpName } from "../../src/device/op-table.ts";
import { SLICE_PIXEL_WORDS } from "../../src/device/ops/slab-insert.ts";
import { fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeSignal } from "./backends.ts";
import type { Case } from "./matrix-cases.ts";

// One call of every op that works on a part of a volume: rows 7 … 15 of a box of radius 11, planes 3 … 6 of a grid of 24.

const box = fourierBoxOfRadius(11);
const [firstRow, rowCount, shellCount, boxPx, gridPx, edgePx] = [7, 9, 6, 12, 24, 11];
const rows = { accumulatorRadiusPx: box.radiusPx, firstRow, rowCount };
const rowLength = box.sizeZ * box.sizeX;
const held = rowCount * rowLength;
const zeros = (length: number) => new Float32Array(length);
const positive = (length: number, seed: number) => makeSignal(length, seed).map((v) => 1.2 + v);
const fixed = (length: number, seed: number) =>
  BigInt64Array.from(makeSignal(length, seed), (v) => BigInt(Math.round(v * 2 ** 30)));

const density = {
  arrays: {
    weight: positive(held, 61),
    prior: Float64Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5),
    shellMean: Float64Array.of(1, 1.1, 1.2, 1.3, 1.4, 1.5),
  },
  numbers: { ...rows, gridPx, paddingFactor: 2, maxShell: 5, mean: 1.3, griddingIterations: 3 },
};
const compensation = positive(rowCount * (2 * edgePx + 1) * (edgePx + 1), 62);
// The plane z = 0 keeps |C| away from 0, by which W is divided.
const halfGrid = makeSignal(2 * (gridPx / 2 + 1) * rowCount * (edgePx + 1), 63).map((v, i) =>
  i < 2 * rowCount * (edgePx + 1) ? v + 40 : v,
);
const planes = {
  arrays: { grid: makeSignal(2 * 4 * (2 * edgePx + 1) * (edgePx + 1), 64) },
  numbers: { gridPx, edgePx, firstPlane: 3, planeCount: 4, rowStarts: [0, 5, 5, 23] },
};
const rotation = {
  arrays: { operators: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, -0.5, 0.8660254, 0, -0.8660254, -0.5, 0, 0, 0, 1) },
};

/** Two slices of pixels, sorted by the row of their lower neighbour; rows of a matrix are x, z, y. */
const slices = (() => {
  const matrices = Float64Array.of(1.2, 1.6, -0.96, 0.72, -1.28, 0.96, 0.8, -0.4, 1.1, 1.5, 1.4, -1.2);
  const records: { row: number; frequency: number }[] = [];
  const rowStart: number[] = [];
  for (let slice = 0; slice < 2; slice++) {
    const [x0, x1, , , y0, y1] = matrices.subarray(6 * slice, 6 * slice + 6);
    const own: typeof records = [];
    for (let kx = 0; kx <= 4; kx++) {
      for (let ky = -4; ky <= 4; ky++) {
        const sign = x0! * kx + x1! * ky < 0 ? -1 : 1;
        const row = Math.floor(sign * (y0! * kx + y1! * ky)) + box.radiusPx + 1;
        if (row < firstRow - 1 || row >= firstRow + rowCount) continue;
        own.push({ row, frequency: ((sign * kx) & 0xffff) | ((sign * ky) << 16) });
      }
    }
    own.sort((a, b) => a.row - b.row);
    for (let row = firstRow - 1; row <= firstRow + rowCount; row++) {
      rowStart.push(records.length + own.filter((record) => record.row < row).length);
    }
    records.push(...own);
  }
  const pixels = makeSignal(SLICE_PIXEL_WORDS * (records.length + 3), 65).map((v) => v * 2 ** 30);
  records.forEach(({ frequency }, i) => {
    new Int32Array(pixels.buffer)[SLICE_PIXEL_WORDS * i + 3] = frequency;
  });
  return { matrices, pixels, rowStart: Int32Array.from(rowStart), pixelCount: records.length };
})();

type SlabOp = Extract<
  OpName,
  | `fft${"Planes" | "Lines"}`
  | `add${"Slices" | "Fixed" | "Sums"}`
  | "claimSlab"
  | "hermitianColumn"
  | "finishSlab"
  | "symmetriseRows"
  | "narrowSums"
  | "shellSums"
  | "griddingToPlanes"
  | "smoothPlanes"
  | "griddingFromPlanes"
  | `map${"Lines" | "Planes"}`
>;

export const SLAB_CASES: { readonly [Name in SlabOp]: Case } = {
  fftPlanes: {
    arrays: { real: zeros(3 * 100), complex: makeSignal(3 * 10 * 6 * 2, 66) },
    numbers: { sizePx: 10, planeCount: 3, direction: "inverse", scale: 0.001 },
    outputs: ["real"],
    tolerance: 1e-6,
  },
  fftLines: {
    arrays: { complex: makeSignal(2 * 9 * 37, 67) },
    numbers: { depth: 9, lineCount: 37, direction: "forward" },
    outputs: ["complex"],
    tolerance: 1e-6,
  },
  addSlices: {
    arrays: {
      pixels: slices.pixels,
      rowStart: slices.rowStart,
      matrices: slices.matrices,
      accumulator: fixed(3 * held, 68),
    },
    numbers: { ...rows, sliceCount: 2, pixelCount: slices.pixelCount },
    outputs: ["accumulator"],
    tolerance: 1e-6,
  },
  addFixed: {
    arrays: { source: fixed(50, 69), target: fixed(80, 70) },
    numbers: { targetOffset: 20, count: 40 },
    outputs: ["target"],
    tolerance: 1e-12,
  },
  addSums: {
    // Beyond `count`, and where both are 0, nothing changes.
    arrays: {
      source: makeSignal(3000, 74).fill(0, 1000, 2200),
      target: makeSignal(3000, 75).fill(0, 1000, 2200),
    },
    numbers: { count: 2900 },
    outputs: ["target"],
    tolerance: 1e-12,
  },
  claimSlab: {
    // No value changes.
    arrays: { accumulator: fixed(3 * held, 76) },
    numbers: rows,
    outputs: ["accumulator"],
    tolerance: 1e-12,
  },
  hermitianColumn: {
    arrays: { accumulator: fixed(3 * held, 71), out: new BigInt64Array(3 * rowCount * box.sizeZ) },
    numbers: { accumulatorRadiusPx: box.radiusPx, rowCount },
    outputs: ["out"],
    tolerance: 1e-12,
  },
  finishSlab: {
    // The floats that take the accumulator's front are the same to the last bit: a division by a power of two.
    arrays: { accumulator: fixed(3 * held, 72), column: fixed(3 * box.sizeY * box.sizeZ, 73), weight: zeros(held) },
    numbers: { ...rows, forwardScale: 2 ** 30, weightScale: 2 ** 28 },
    outputs: ["accumulator", "weight"],
    tolerance: 1e-12,
  },
  symmetriseRows: {
    arrays: {
      ...rotation.arrays,
      forward: makeSignal(2 * 6 * rowLength, 74),
      weight: positive(6 * rowLength, 75),
      sums: new Float64Array(3 * held).fill(0.5),
    },
    numbers: { ...rows, operatorCount: 2, windowFirstRow: 9, windowRowCount: 6 },
    outputs: ["sums"],
    tolerance: 1e-5,
  },
  narrowSums: {
    arrays: { sums: Float64Array.from(makeSignal(30, 76)), forward: zeros(26), weight: zeros(13) },
    numbers: { count: 10, offset: 3 },
    outputs: ["forward", "weight"],
    tolerance: 1e-7,
  },
  shellSums: {
    arrays: {
      weight: density.arrays.weight,
      prior: density.arrays.prior,
      out: new Float64Array(2 * rowCount * shellCount),
    },
    numbers: { ...rows, edgePx, limitPx: 10, paddingFactor: 2, shellCount, isRounded: false },
    outputs: ["out"],
    tolerance: 1e-12,
  },
  griddingToPlanes: {
    arrays: { ...density.arrays, compensation, grid: zeros(halfGrid.length) },
    numbers: { ...density.numbers, isFirst: false },
    outputs: ["grid"],
    tolerance: 1e-6,
  },
  smoothPlanes: {
    ...planes,
    numbers: { ...planes.numbers, kernelRadiusPx: 3.8 },
    outputs: ["grid"],
    tolerance: 1e-6,
  },
  griddingFromPlanes: {
    arrays: { ...density.arrays, compensation, grid: halfGrid, error: new Float64Array(1) },
    numbers: density.numbers,
    outputs: ["compensation", "error"],
    tolerance: 1e-5,
  },
  mapLines: {
    arrays: {
      ...density.arrays,
      compensation,
      forward: makeSignal(2 * held, 77),
      grid: zeros(2 * boxPx * rowCount * (edgePx + 1)),
    },
    numbers: { ...density.numbers, boxPx },
    outputs: ["grid"],
    tolerance: 1e-5,
  },
  mapPlanes: {
    arrays: { ...planes.arrays, map: zeros(4 * boxPx ** 2) },
    numbers: { ...planes.numbers, boxPx },
    outputs: ["map"],
    tolerance: 1e-6,
  },
};
