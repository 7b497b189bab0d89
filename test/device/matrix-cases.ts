import type { HostArray } from "../../src/device/buffer.ts";
import type { OpName } from "../../src/device/op-table.ts";
import { KERNEL_FIELDS } from "../../src/device/ops/propose-points.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxOfRadius } from "../../src/geometry/fourier-box.ts";
import { makeSignal } from "./backends.ts";
import { SLAB_CASES } from "./slab-cases.ts";

// One call of every op, from one small scene of uneven counts.

/** One call of an op: arrays become buffers under their names; `outputs` are compared. */
export interface Case {
  readonly arrays: Readonly<Record<string, HostArray>>;
  readonly numbers: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  /** √Σ difference² / √Σ reference². */
  readonly tolerance: number;
}

const boxPx = 12;
const band = makeBand(boxPx, 5);
const pixels = band.pixelCount;
const box = fourierBoxOfRadius(11);
const imageCount = 3;
const shellCount = 6;
const activeCount = 2;
const [rotationsPerImage, shiftsPerRotation, parentCount] = [3, 2, 5];
const points = activeCount * rotationsPerImage * shiftsPerRotation;

function unitQuaternions(count: number, seed: number): Float32Array {
  const raw = makeSignal(4 * count, seed);
  return raw.map((v, i) => v / Math.hypot(...raw.subarray(i - (i % 4), i - (i % 4) + 4)));
}

const positive = (length: number, seed: number, scale = 1) => makeSignal(length, seed).map((v) => scale * (1.2 + v));
/** Rows of `width` that sum to 1. */
function normalised(rows: number, width: number, seed: number): Float32Array {
  const raw = positive(rows * width, seed);
  return raw.map((v, i) => {
    const first = i - (i % width);
    return v / raw.subarray(first, first + width).reduce((a, b) => a + b, 0);
  });
}

const bandArrays = { bandKx: band.kx, bandKy: band.ky, bandShell: band.shell };
const bandNumbers = { boxPx, bandPixelCount: pixels };
const imageSet = {
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
const reference = {
  arrays: { volume: makeSignal(2 * box.voxelCount, 6) },
  numbers: { volumeRadiusPx: box.radiusPx, paddingFactor: 2, maxShell: 5 },
};
const pointSet = {
  arrays: {
    active: Int32Array.of(2, 0),
    rotations: unitQuaternions(activeCount * rotationsPerImage, 7),
    shiftsPx: makeSignal(2 * points, 8).map((v) => 2 * v),
  },
  numbers: { activeCount, rotationsPerImage, shiftsPerRotation },
};
const symmetry = { arrays: { symmetry: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1) }, numbers: { symmetryCount: 2 } };
const range = { firstPixel: 1, pixelCount: pixels - 2 };
const sliceCount = 21;
const panelLength = Math.ceil(sliceCount / 16) * (range.pixelCount - range.firstPixel) * 48;
const slices = makeSignal(panelLength, 9).map((v, i) => (Math.floor(i / 16) % 3 === 2 ? v * v : v));
const accumulator = BigInt64Array.from(makeSignal(3 * box.voxelCount, 10), (v) => BigInt(Math.round(v * 2 ** 30)));
const kernelRow = [0.2, 0.01, 0.2, 0.02, -0.01, 0.2, 0.5, 0.1, 0.5];
const kernel = Float32Array.from({ length: activeCount * KERNEL_FIELDS }, (_, i) => kernelRow[i % KERNEL_FIELDS]!);
const key = Uint32Array.of(1, 2, 3, 4);
const zeros = (length: number) => new Float32Array(length);

export const CASES: { readonly [Name in OpName]: Case } = {
  ctf: {
    arrays: {
      ...bandArrays,
      optics: Float64Array.from([0, 1, 2].flatMap((angleRad) => [12000, 11000, angleRad, 300e3, 2.7e7, 0.1, 0, 1.3])),
      envelope: Float64Array.of(0, 1, 60, 0.8, -20, 1.1),
      evenPhase: Float64Array.from(makeSignal(2 * pixels, 40)),
      evenPhaseRow: Int32Array.of(1, -1, 0),
      out: zeros(3 * pixels),
    },
    numbers: { ...bandNumbers, imageCount: 3, evenPhaseRowCount: 2 },
    outputs: ["out"],
    tolerance: 1e-6,
  },
  conformImages: {
    arrays: {
      ...bandArrays,
      pixels: makeSignal(imageCount * 10 * 10, 41),
      factor: makeSignal(2 * pixels, 42),
      ctf: makeSignal(imageCount * pixels, 43),
      out: zeros(imageCount * boxPx * boxPx),
    },
    numbers: { ...bandNumbers, imageCount, inBoxPx: 10, matrix: [0.81, 0.02, -0.03, 0.85], ctfFloor: 0.2 },
    outputs: ["out"],
    tolerance: 1e-5,
  },
  prepareImages: {
    arrays: {
      ...bandArrays,
      pixels: makeSignal(imageCount * boxPx * boxPx, 11),
      gain: positive(imageCount, 12),
      recentrePx: Int32Array.of(1, -2, 13, 0, -30, 5),
      sigma2: positive(2 * shellCount, 13, 50),
      group: Int32Array.of(1, 0, 1),
      noiseKey: Uint32Array.of(1, 2, 3, 4, 5, 6),
      out: zeros(2 * imageCount * pixels),
    },
    numbers: { ...bandNumbers, imageCount, shellCount, maskRadiusPx: 3.5, maskEdgePx: 1.7 },
    outputs: ["out"],
    tolerance: 3e-6,
  },
  project: {
    arrays: { ...bandArrays, ...reference.arrays, rotations: unitQuaternions(sliceCount, 14), out: zeros(panelLength) },
    numbers: { ...bandNumbers, ...reference.numbers, ...range, rotationCount: sliceCount, layout: "panels" },
    outputs: ["out"],
    tolerance: 1e-5,
  },
  compare: {
    arrays: {
      ...imageSet.arrays,
      slices,
      shiftsPx: makeSignal(2 * 3, 15),
      logShiftPrior: makeSignal(imageCount * 3, 16),
      evidence: Float64Array.from({ length: 2 * imageCount }, (_, i) => (i % 2 === 0 ? Number.NEGATIVE_INFINITY : 0)),
      topScore: zeros(imageCount * 4).fill(Number.NEGATIVE_INFINITY),
      topSlice: new Int32Array(imageCount * 4).fill(-1),
      topShift: new Int32Array(imageCount * 4),
    },
    numbers: {
      ...imageSet.numbers,
      ...range,
      ...{ sliceCount, firstSlice: 16, shiftCount: 3, profileScale: false, keepCount: 4, profile: null },
    },
    outputs: ["evidence"],
    tolerance: 1e-5,
  },
  compareCells: {
    arrays: {
      ...imageSet.arrays,
      slices: makeSignal(sliceCount * 2 * (range.pixelCount - range.firstPixel), 31),
      shiftsPx: makeSignal(2 * 3, 15),
      logShiftPrior: makeSignal(imageCount * 3, 16),
      neighbours: Int32Array.of(0, 1, 0, 2, 2, -1),
      cellStart: Int32Array.of(0, 2, 2, 5),
      cellSlice: Int32Array.of(0, sliceCount - 1, 1, 2, 3),
      cellShift: Int32Array.of(0, 1, 2, 1, 0),
      evidence: Float64Array.from({ length: 2 * imageCount }, (_, i) => (i % 2 === 0 ? -1 : 0)),
      topScore: zeros(imageCount * 4).fill(Number.NEGATIVE_INFINITY),
      topSlice: new Int32Array(imageCount * 4).fill(-1),
      topShift: new Int32Array(imageCount * 4),
    },
    numbers: {
      ...imageSet.numbers,
      ...range,
      ...{ sliceCount, firstSlice: 16, shiftCount: 3, neighbourCount: 2, cellCount: 5, keepCount: 4 },
    },
    outputs: ["evidence"],
    tolerance: 1e-5,
  },
  scorePoints: {
    arrays: { ...imageSet.arrays, ...reference.arrays, ...pointSet.arrays, out: zeros(points) },
    numbers: { ...imageSet.numbers, ...reference.numbers, ...pointSet.numbers, ...range },
    outputs: ["out"],
    tolerance: 1e-5,
  },
  proposePoints: {
    arrays: {
      ...pointSet.arrays,
      ...symmetry.arrays,
      parentRotations: unitQuaternions(activeCount * parentCount, 17),
      parentShiftsPx: makeSignal(2 * activeCount * parentCount, 18),
      parentWeights: normalised(activeCount, parentCount, 19),
      kernel,
      key,
      logProposal: zeros(points),
    },
    numbers: {
      ...pointSet.numbers,
      ...symmetry.numbers,
      ...{ parentCount, degreesOfFreedom: 5, stream: 3, phase: 2 },
    },
    outputs: ["rotations", "shiftsPx", "logProposal"],
    tolerance: 1e-4,
  },
  updateCloud: {
    arrays: {
      ...pointSet.arrays,
      ...symmetry.arrays,
      logLikelihood: makeSignal(points, 20),
      logProposal: makeSignal(points, 21),
      priorCentrePx: makeSignal(2 * activeCount, 22),
      priorSigmaPx: positive(activeCount, 23),
      key,
      kernel,
      weights: zeros(points),
      parentRotations: zeros(4 * activeCount * parentCount),
      parentShiftsPx: zeros(2 * activeCount * parentCount),
      parentWeights: zeros(activeCount * parentCount),
      summary: zeros(activeCount * SUMMARY_FIELDS),
    },
    numbers: {
      ...pointSet.numbers,
      ...symmetry.numbers,
      ...{ temper: 0.7, perturbFactor: 0.6, shrinkFloor: 0.5, minRotationRad: 0.01, minShiftPx: 0.02 },
      ...{ stream: 3, phase: 2, parentCount },
    },
    outputs: ["weights", "summary", "kernel", "parentRotations", "parentShiftsPx", "parentWeights"],
    tolerance: 1e-4,
  },
  residuals: {
    arrays: {
      ...imageSet.arrays,
      ...reference.arrays,
      ...pointSet.arrays,
      weights: normalised(activeCount, rotationsPerImage * shiftsPerRotation, 24),
      out: new Float64Array(activeCount * 3 * shellCount),
    },
    numbers: { ...imageSet.numbers, ...reference.numbers, ...pointSet.numbers },
    outputs: ["out"],
    tolerance: 1e-5,
  },
  insert: {
    arrays: {
      ...imageSet.arrays,
      ...pointSet.arrays,
      weights: normalised(activeCount, rotationsPerImage * shiftsPerRotation, 25),
      imageWeight: Float32Array.of(1, 0.4, 0.7),
      accumulator: new BigInt64Array(3 * box.voxelCount),
    },
    numbers: {
      ...imageSet.numbers,
      ...pointSet.numbers,
      ...{ pixelCount: pixels, paddingFactor: 2, accumulatorRadiusPx: box.radiusPx },
      ...{ forwardScale: 2 ** 30, weightScale: 2 ** 28 },
    },
    outputs: ["accumulator"],
    tolerance: 1e-5,
  },
  finishAccumulator: {
    arrays: { accumulator, forward: zeros(2 * box.voxelCount), weight: zeros(box.voxelCount) },
    numbers: { accumulatorRadiusPx: box.radiusPx, forwardScale: 2 ** 30, weightScale: 2 ** 28 },
    outputs: ["forward", "weight"],
    tolerance: 1e-6,
  },
  symmetrise: {
    arrays: {
      operators: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, -0.5, 0.8660254, 0, -0.8660254, -0.5, 0, 0, 0, 1),
      forward: makeSignal(2 * box.voxelCount, 26),
      weight: positive(box.voxelCount, 27),
      outForward: zeros(2 * box.voxelCount),
      outWeight: zeros(box.voxelCount),
    },
    numbers: { accumulatorRadiusPx: box.radiusPx, operatorCount: 2 },
    outputs: ["outForward", "outWeight"],
    tolerance: 1e-5,
  },
  radialMean: {
    arrays: { weight: positive(box.voxelCount, 28), out: new Float64Array(shellCount) },
    numbers: { accumulatorRadiusPx: box.radiusPx, paddingFactor: 2, shellCount },
    outputs: ["out"],
    tolerance: 1e-6,
  },
  reconstruct: {
    arrays: {
      forward: makeSignal(2 * box.voxelCount, 29),
      weight: zeros(box.voxelCount).fill(1.5),
      prior: Float64Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5),
      map: zeros(boxPx ** 3),
      report: new Float64Array(2),
    },
    numbers: { boxPx, paddingFactor: 2, accumulatorRadiusPx: box.radiusPx, maxShell: 5, griddingIterations: 2 },
    outputs: ["map", "report"],
    tolerance: 1e-5,
  },
  referenceVolume: {
    arrays: { map: makeSignal(boxPx ** 3, 30), volume: zeros(2 * box.voxelCount) },
    numbers: { boxPx, paddingFactor: 2, volumeRadiusPx: box.radiusPx },
    outputs: ["volume"],
    tolerance: 1e-6,
  },
  fftForward3: {
    arrays: { real: makeSignal(9 ** 3, 31), complex: zeros(2 * 81 * 5) },
    numbers: { sizePx: 9 },
    outputs: ["complex"],
    tolerance: 1e-6,
  },
  fftInverse3: {
    arrays: { real: zeros(10 ** 3), complex: makeSignal(2 * 100 * 6, 32) },
    numbers: { sizePx: 10 },
    outputs: ["real"],
    tolerance: 1e-6,
  },
  ...SLAB_CASES,
  extractSlices: {
    arrays: {
      ...imageSet.arrays,
      ...pointSet.arrays,
      weights: normalised(activeCount, rotationsPerImage * shiftsPerRotation, 33),
      imageWeight: Float32Array.of(1, 0.4, 0.7),
      points: Int32Array.of(1, 4, 5),
      // As bits the frequencies are tiny numbers or NaN, equal or not: the values decide.
      pixels: zeros(4 * 3 * pixels),
      rowStart: new Int32Array(3 * (2 * box.radiusPx + 4)),
      matrices: new Float64Array(18),
    },
    numbers: {
      ...imageSet.numbers,
      ...pointSet.numbers,
      ...{ pixelCount: pixels, paddingFactor: 2, accumulatorRadiusPx: box.radiusPx },
      ...{ forwardScale: 2 ** 30, weightScale: 2 ** 28, pointCount: 3, pixelCapacity: pixels },
    },
    outputs: ["pixels", "rowStart", "matrices"],
    tolerance: 1e-5,
  },
};
