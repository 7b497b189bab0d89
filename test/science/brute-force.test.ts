import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import type { Cloud } from "../../src/expectation/cloud.ts";
import type { FilterResult } from "../../src/expectation/filter.ts";
import { type DeviceReference, makeReference } from "../../src/expectation/reference.ts";
import { scanGlobally } from "../../src/expectation/scan.ts";
import { makeShiftGrid } from "../../src/expectation/shift-grid.ts";
import { fromRotationVectorInto, multiplyInto } from "../../src/geometry/quaternion.ts";
import { type DeviceBand, type DeviceImageSet, loadImageSet } from "../../src/particles/image-set.ts";
import { DoublePosterior, logSumExp, readVolume } from "../support/double-posterior.ts";
import { filterFrom, searchGlobally } from "../support/posterior.ts";
import { addToHistograms, kernelOf, quadrature, variationFromEven } from "../support/quadrature.ts";
import { makeScene, memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

const COUNT = 20;
const MAX_SHELL = 13;

/** Independent searches with the points of a refinement: those in which every image is held to the limit, and those of which the scatter is known. */
const HELD_SEARCHES = 6;
const SEARCHES = 30;
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

  const options = () => ({
    maxShell: MAX_SHELL,
    scanShell: 8,
    pixelSizeA: scene.pixelSizeA,
    diameterA: 0.7 * scene.boxPx * scene.pixelSizeA,
    shiftSigmaPx: scene.shiftSigmaPx,
    key: sceneModel(scene).key,
  });
  const evidenceOf = (found: FilterResult, image: number) =>
    found.summary[image * SUMMARY_FIELDS + SUMMARY.logEvidence]!;

  /** The filter with very many points, and the integral around where it found the posterior. */
  async function findTruth() {
    const first = await searchGlobally(device, set, band, reference, options());
    const cloud: Cloud = {
      parentCount: first.parentRotations.length / (4 * COUNT),
      rotations: first.parentRotations,
      shiftsPx: first.parentShiftsPx,
      weights: new Float32Array(first.parentRotations.length / 4).fill((4 * COUNT) / first.parentRotations.length),
      kernel: first.kernel,
    };
    const last = { maxShell: MAX_SHELL, shiftsPerRotation: 4, temper: 1, isFinal: true };
    const large = await filterFrom(device, set, band, reference, cloud, options(), {
      phases: [{ ...last, rotationsPerImage: MANY_ROTATIONS }],
      parentCount: 96,
      stream: 9,
    });
    const integrals = Array.from({ length: COUNT }, (_, image) => {
      const row = large.summary.subarray(image * SUMMARY_FIELDS, (image + 1) * SUMMARY_FIELDS);
      const exact = new DoublePosterior(scene, image, band.band, MAX_SHELL, reference, volume);
      return quadrature(exact, row, kernelOf(large, image), scene.shiftSigmaPx);
    });
    return { large, integrals };
  }
  let truth: ReturnType<typeof findTruth> | undefined;

  test("the particle filter's log evidence is, with many points, the integral over rotations and shifts", async () => {
    truth ??= findTruth();
    const { large, integrals } = await truth;
    const difference = moments(integrals.map((one, image) => evidenceOf(large, image) - one.logEvidence));
    console.log(`filter, ${MANY_ROTATIONS} x 4 points: Δ log evidence ${show(difference)}`);
    expect(Math.abs(difference.mean)).toBeLessThan(0.01);
    expect(difference.worst).toBeLessThan(0.03);
  });

  test("with the points of a refinement every image's log evidence is within 0.05 of the integral, in each of six searches, and the posteriors' marginals are within 0.01", async () => {
    truth ??= findTruth();
    const { integrals } = await truth;
    const all: number[] = [];
    // Of one search the marginals are known to some 1/√(effective points): the bins of all images and searches are added up.
    const histograms = Array.from({ length: 5 }, () => new Float64Array(8));
    for (let stream = 1; stream <= SEARCHES; stream++) {
      const found = await searchGlobally(device, set, band, reference, { ...options(), stream });
      const differences = integrals.map((one, image) => evidenceOf(found, image) - one.logEvidence);
      all.push(...differences);
      console.log(`filter, usual points, search ${stream}: Δ log evidence ${show(moments(differences))}`);
      integrals.forEach((one, image) => {
        addToHistograms(histograms, found, image, one);
      });
    }
    const variation = histograms.map(variationFromEven);
    const digits = variation.map((tv) => tv.toFixed(4)).join(" ");
    console.log(`filter, usual points: Δ log evidence ${show(moments(all))}; marginals' TV ${digits}`);
    expect(moments(all.slice(0, HELD_SEARCHES * COUNT)).worst).toBeLessThan(0.05);
    // Of all 600 one stands at 0.052: four times the scatter.
    expect(all.filter((x) => Math.abs(x) > 0.05).length).toBeLessThanOrEqual(2);
    expect(moments(all).sd).toBeLessThan(0.018);
    expect(Math.abs(moments(all).mean)).toBeLessThan(0.01);
    for (const tv of variation) expect(tv).toBeLessThan(0.01);
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

function moments(values: readonly number[]) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, sd, worst: Math.max(...values.map(Math.abs)) };
}

const show = (m: ReturnType<typeof moments>) =>
  `mean ${m.mean.toFixed(4)}, sd ${m.sd.toFixed(4)}, worst ${m.worst.toFixed(4)}`;
