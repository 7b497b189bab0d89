import { KERNEL_FIELDS } from "../../src/device/ops/cloud/kernel.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { makeBandColumns } from "../../src/geometry/band-columns.ts";
import { fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeSignal } from "./backends.ts";

// One small scene of uneven counts, for one call of every op.

export const boxPx = 12;
export const band = makeBand(boxPx, 5);
export const pixels = band.pixelCount;
export const box = fourierBoxOfRadius(11);
export const imageCount = 3;
export const shellCount = 6;
export const activeCount = 2;
export const [rotationsPerImage, shiftsPerRotation, parentCount] = [3, 2, 5];
export const points = activeCount * rotationsPerImage * shiftsPerRotation;

export function unitQuaternions(count: number, seed: number): Float32Array {
  const raw = makeSignal(4 * count, seed);
  return raw.map((v, i) => v / Math.hypot(...raw.subarray(i - (i % 4), i - (i % 4) + 4)));
}

export const positive = (length: number, seed: number, scale = 1) =>
  makeSignal(length, seed).map((v) => scale * (1.2 + v));
/** Rows of `width` that sum to 1. */
export function normalised(rows: number, width: number, seed: number): Float32Array {
  const raw = positive(rows * width, seed);
  return raw.map((v, i) => {
    const first = i - (i % width);
    return v / raw.subarray(first, first + width).reduce((a, b) => a + b, 0);
  });
}

export const bandArrays = { bandKx: band.kx, bandKy: band.ky, bandShell: band.shell };
export const bandNumbers = { boxPx, bandPixelCount: pixels };
export const imageSet = {
  arrays: {
    ...bandArrays,
    images: makeSignal(2 * imageCount * pixels, 2),
    ctf: makeSignal(imageCount * pixels, 3),
    inverseSigma2: positive(2 * shellCount, 4),
    group: Int32Array.of(1, 0, 1),
    scale: positive(imageCount, 5),
  },
  numbers: { ...bandNumbers, imageCount, shellCount },
};
export const reference = {
  arrays: { volume: makeSignal(2 * box.voxelCount, 6) },
  numbers: { volumeRadiusPx: box.radiusPx, paddingFactor: 2, maxShell: 5 },
};
export const pointSet = {
  arrays: {
    active: Int32Array.of(2, 0),
    rotations: unitQuaternions(activeCount * rotationsPerImage, 7),
    shiftsPx: makeSignal(2 * points, 8).map((v) => 2 * v),
  },
  numbers: { activeCount, rotationsPerImage, shiftsPerRotation },
};
export const symmetry = {
  arrays: { symmetry: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1) },
  numbers: { symmetryCount: 2 },
};
export const range = { firstPixel: 1, pixelCount: pixels - 2 };
export const sliceCount = 21;
export const panelLength = Math.ceil(sliceCount / 16) * (range.pixelCount - range.firstPixel) * 48;
export const slices = makeSignal(panelLength, 9).map((v, i) => (Math.floor(i / 16) % 3 === 2 ? v * v : v));
export const kernelRow = [0.2, 0.01, 0.2, 0.02, -0.01, 0.2, 0.2, -0.1, 0.1, 0.5, 0.05, 0.3, 0, 0.1, 0.5];
export const kernel = Float32Array.from(
  { length: activeCount * KERNEL_FIELDS },
  (_, i) => kernelRow[i % KERNEL_FIELDS]!,
);
export const key = Uint32Array.of(1, 2, 3, 4);
export const zeros = (length: number) => new Float32Array(length);
export const columns = makeBandColumns(band, range.firstPixel, range.pixelCount);
