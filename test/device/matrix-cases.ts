import type { HostArray } from "../../src/device/buffer.ts";
import type { OpName } from "../../src/device/op-table.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import { makeSignal } from "./backends.ts";
import { FFT_CASES } from "./fft-cases.ts";
import {
  activeCount,
  bandArrays,
  bandNumbers,
  box,
  boxPx,
  columns,
  imageCount,
  imageSet,
  kernel,
  key,
  normalised,
  panelLength,
  parentCount,
  pixels,
  pointSet,
  points,
  positive,
  range,
  reference,
  rotationsPerImage,
  shellCount,
  shiftsPerRotation,
  sliceCount,
  slices,
  symmetry,
  unitQuaternions,
  zeros,
} from "./matrix-scene.ts";
import { SLAB_CASES } from "./slab-cases.ts";
import { TILE_CASES } from "./tile-cases.ts";

// One call of every op, from one small scene of uneven counts.

/** One call of an op: arrays become buffers under their names; `outputs` are compared. */
export interface Case {
  readonly arrays: Readonly<Record<string, HostArray>>;
  readonly numbers: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  /** √Σ difference² / √Σ reference². */
  readonly tolerance: number;
}

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
      columnKx: columns.kx,
      columnKy: columns.ky,
      columnSource: columns.source,
      chunkStart: columns.chunkStart,
      slices: makeSignal(sliceCount * 2 * columns.source.length, 31),
      shiftSteps: Int32Array.of(0, 0, 1, 0, -1, 2),
      logShiftPrior: makeSignal(imageCount * 3, 16),
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
      ...{ rowCount: columns.rowCount, chunkCount: columns.chunkCount },
      ...{ sliceCount, firstSlice: 16, shiftCount: 3, stepPx: 0.9, cellCount: 5, keepCount: 4 },
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
      ...{
        temper: 0.7,
        perturbFactor: 0.6,
        parentSpread: 0.7,
        shrinkFloor: 0.5,
        minRotationRad: 0.01,
        minShiftPx: 0.02,
      },
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
  ...FFT_CASES,
  ...SLAB_CASES,
  ...TILE_CASES,
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
