import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { KERNEL_FIELDS } from "../../src/device/ops/cloud/kernel.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import type { Cloud } from "../../src/expectation/cloud.ts";
import { type DeviceReference, makeReference } from "../../src/expectation/reference.ts";
import { scanGlobally } from "../../src/expectation/scan.ts";
import { makeShiftGrid } from "../../src/expectation/shift-grid.ts";
import { fromRotationVectorInto, multiplyInto } from "../../src/geometry/quaternion.ts";
import { type DeviceBand, type DeviceImageSet, loadImageSet } from "../../src/particles/image-set.ts";
import { DoublePosterior, logSumExp, readVolume } from "../support/double-posterior.ts";
import { filterFrom, searchGlobally } from "../support/posterior.ts";
import { makeScene, memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

const COUNT = 20;
const MAX_SHELL = 13;

/** Enough that the worst of the images scatters well below the limit of 0.05. */
const MANY_ROTATIONS = 65536;

describe("e. Brute force: 20 images of 32 px against double-precision sums", () => {
  let device: Device;
  let scene: Scene;
  let band: DeviceBand;
  let set: DeviceImageSet;
  let reference: DeviceReference;
  let volume: Float32Array;
  beforeAll(async () => {
    device = openDevice();
    scene = await makeScene(device, { count: COUNT, snr: 0.6, seed: 21 });
    band = sceneBand(device, scene.boxPx);
    const reader = memoryReader(scene.images, scene.boxPx);
    const options = { half: 0, mask: null, isRecentred: false };
    set = await loadImageSet(device, band, reader, sceneModel(scene), rowsTo(COUNT), options);
    reference = makeReference(device, scene.map, scene.boxPx, 2, MAX_SHELL);
    volume = await readVolume(device, reference);
  });
  afterAll(() => device.close());

  test("project and compare: log evidence within 0.05 and total variation below 0.01 on the same grid", async () => {
    // Off centre: the sum over a grid that holds −t with every t would not notice a conjugated shift.
    const centred = makeShiftGrid(3, 1, scene.shiftSigmaPx);
    const shifts = { ...centred, shiftsPx: centred.shiftsPx.map((t, k) => t + (k % 2 === 0 ? 0.4 : -0.7)) };
    const worst = { evidence: 0, variation: 0 };
    for (let image = 0; image < COUNT; image++) {
      const quaternions = gridAround(scene.rotations.subarray(4 * image, 4 * image + 4), 0.06, 3);
      const rotationCount = quaternions.length / 4;
      const grid = { quaternions, rotationCount, rotationStepRad: 0.06, shifts, maxShell: MAX_SHELL };
      const scan = await scanGlobally(device, set, band, reference, grid, {
        keepCount: rotationCount,
        profileScale: false,
        signal: new AbortController().signal,
        onProgress: () => {},
      });
      const exact = new DoublePosterior(scene, image, band.band, MAX_SHELL, reference, volume);
      const likelihood = new Float64Array(shifts.count);
      const phases = exact.makePhases(shifts.shiftsPx);
      const score = Float64Array.from({ length: rotationCount }, (_, r) => {
        exact.logLikelihoodInto(likelihood, quaternions.subarray(4 * r, 4 * r + 4), phases);
        return logSumExp(likelihood.map((value, t) => value + shifts.logPrior[t]!));
      });
      const evidence = logSumExp(score);
      const found = scan.evidence[2 * image]! + Math.log(scan.evidence[2 * image + 1]!);
      let variation = 0;
      for (let k = image * rotationCount; k < (image + 1) * rotationCount; k++) {
        variation += Math.abs(Math.exp(scan.topScore[k]! - found) - Math.exp(score[scan.topSlice[k]!]! - evidence)) / 2;
      }
      worst.evidence = Math.max(worst.evidence, Math.abs(found - evidence));
      worst.variation = Math.max(worst.variation, variation);
    }
    console.log(
      `compare: worst |Δ log evidence| ${worst.evidence.toExponential(2)}, worst TV ${worst.variation.toExponential(2)}`,
    );
    expect(worst.evidence).toBeLessThan(0.05);
    expect(worst.variation).toBeLessThan(0.01);
  });

  /** Differences of the filter's log evidence from the integral: with the points of a refinement, and with very many. */
  async function filterDifferences() {
    const options = {
      maxShell: MAX_SHELL,
      scanShell: 8,
      pixelSizeA: scene.pixelSizeA,
      diameterA: 0.7 * scene.boxPx * scene.pixelSizeA,
      shiftSigmaPx: scene.shiftSigmaPx,
      key: sceneModel(scene).key,
    };
    const normal = await searchGlobally(device, set, band, reference, options);
    const cloud: Cloud = {
      parentCount: normal.parentRotations.length / (4 * COUNT),
      rotations: normal.parentRotations,
      shiftsPx: normal.parentShiftsPx,
      weights: new Float32Array(normal.parentRotations.length / 4).fill((4 * COUNT) / normal.parentRotations.length),
      kernel: normal.kernel.map((value) => 1.3 * value),
    };
    const large = await filterFrom(device, set, band, reference, cloud, options, {
      phases: [
        { maxShell: MAX_SHELL, rotationsPerImage: MANY_ROTATIONS, shiftsPerRotation: 4, temper: 1, isFinal: true },
      ],
      parentCount: 96,
      stream: 9,
    });
    const differences = { normal: [] as number[], large: [] as number[] };
    for (let image = 0; image < COUNT; image++) {
      const row = large.summary.subarray(image * SUMMARY_FIELDS, (image + 1) * SUMMARY_FIELDS);
      const exact = new DoublePosterior(scene, image, band.band, MAX_SHELL, reference, volume);
      const kernel = large.kernel.subarray(image * KERNEL_FIELDS, (image + 1) * KERNEL_FIELDS);
      const truth = integral(exact, row, kernel, scene.shiftSigmaPx);
      differences.large.push(row[SUMMARY.logEvidence]! - truth);
      differences.normal.push(normal.summary[image * SUMMARY_FIELDS + SUMMARY.logEvidence]! - truth);
    }
    return { normal: moments(differences.normal), large: moments(differences.large) };
  }
  let filter: ReturnType<typeof filterDifferences> | undefined;

  test("the particle filter's log evidence is, with many points, the integral over rotations and shifts", async () => {
    filter ??= filterDifferences();
    const { large } = await filter;
    console.log(`filter, ${MANY_ROTATIONS} x 4 points: Δ log evidence ${show(large)}`);
    expect(Math.abs(large.mean)).toBeLessThan(0.02);
    expect(large.worst).toBeLessThan(0.05);
  });

  test("the particle filter's log evidence with the points of a refinement scatters around the integral", async () => {
    filter ??= filterDifferences();
    const { normal } = await filter;
    console.log(`filter, 96 x 4 points: Δ log evidence ${show(normal)}`);
    // 384 points of a lattice, of which four share a rotation, from a kernel that follows the posterior (decisions/0005).
    expect(normal.sd).toBeLessThan(0.06);
    expect(Math.abs(normal.mean)).toBeLessThan(0.03);
  });
});

/** [(2 reach + 1)³][4] rotations q · exp(v), v on a cubic lattice. */
function gridAround(q: Float64Array, stepRad: number, reach: number): Float64Array {
  const out = new Float64Array(4 * (2 * reach + 1) ** 3);
  let at = 0;
  for (let z = -reach; z <= reach; z++) {
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++, at += 4) {
        fromRotationVectorInto(out, at, x * stepRad, y * stepRad, z * stepRad);
        multiplyInto(out, at, q, 0, out, at);
      }
    }
  }
  return out;
}

/** Lattice of standard deviations: the trapezoidal rule of a Gaussian at this step errs by 2 exp(−2π²/step²) = 2e-6. */
const STEP = 1.2;
const REACH = 4;

/**
 * log ∫ e^L N(t; 0, σt²) dR dt, dR the normalised Haar measure, by a lattice in the cloud's own axes around its mean: as the shift goes with
 * the turn, the lattice of shifts moves with it.
 *
 * @param summary,kernel  rows of the filter's result: only where and how densely to look
 */
function integral(exact: DoublePosterior, summary: Float32Array, kernel: Float32Array, shiftSigmaPx: number): number {
  const q = Float64Array.from(summary.subarray(SUMMARY.rotation, SUMMARY.rotation + 4));
  // The kernel is 0.8 of the cloud's width.
  const f = Array.from(kernel, (value) => (STEP * value) / 0.8) as number[];
  const shifts: number[] = [];
  for (let y = -REACH; y <= REACH; y++) {
    for (let x = -REACH; x <= REACH; x++) {
      shifts.push(summary[SUMMARY.shiftPx]! + f[9]! * x, summary[SUMMARY.shiftPx + 1]! + f[13]! * x + f[14]! * y);
    }
  }
  const count = shifts.length / 2;
  const logPeak = -Math.log(2 * Math.PI * shiftSigmaPx ** 2);
  const phases = exact.makePhases(shifts);
  const turn = new Float64Array(4);
  const likelihood = new Float64Array(count);
  const values: number[] = [];
  for (let c = -REACH; c <= REACH; c++) {
    for (let b = -REACH; b <= REACH; b++) {
      for (let a = -REACH; a <= REACH; a++) {
        const v = [f[0]! * a, f[1]! * a + f[2]! * b, f[3]! * a + f[4]! * b + f[5]! * c] as const;
        const moved = [6, 10].map((row) => f[row]! * a + f[row + 1]! * b + f[row + 2]! * c) as [number, number];
        fromRotationVectorInto(turn, 0, v[0], v[1], v[2]);
        multiplyInto(turn, 0, q, 0, turn, 0);
        exact.logLikelihoodInto(likelihood, turn, phases, moved);
        const prior = (t: number) => {
          const length2 = (shifts[2 * t]! + moved[0]) ** 2 + (shifts[2 * t + 1]! + moved[1]) ** 2;
          return logPeak - length2 / (2 * shiftSigmaPx ** 2);
        };
        const half = Math.hypot(...v) / 2;
        const haar = half > 0 ? 2 * Math.log(Math.sin(half) / half) : 0;
        values.push(logSumExp(likelihood.map((value, t) => value + prior(t))) + haar);
      }
    }
  }
  const cell = Math.log(f[0]! * f[2]! * f[5]! * f[9]! * f[14]!) - Math.log(8 * Math.PI * Math.PI);
  return logSumExp(Float64Array.from(values)) + cell;
}

function moments(values: readonly number[]) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, sd, worst: Math.max(...values.map(Math.abs)) };
}

const show = (m: ReturnType<typeof moments>) =>
  `mean ${m.mean.toFixed(4)}, sd ${m.sd.toFixed(4)}, worst ${m.worst.toFixed(4)}`;
