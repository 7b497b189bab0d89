import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { bandPrefix } from "../../src/geometry/band.ts";
import { type BenchCase, makeOwner, normals } from "../case.ts";
import { makePoints, makeScene } from "../scene.ts";

const IMAGES = 32;
const ROTATIONS = 96;
const SHIFTS = 4;
const PARENTS = 96;
const SHELL = 25;
const POINTS = IMAGES * ROTATIONS * SHIFTS;

/** The particle filter: propose, score, update; and the statistics of what it leaves. */
export function cases(device: Device): BenchCase[] {
  return [scoreCase(device), proposeCase(device), updateCase(device), residualsCase(device)];
}

const cloudText = `${IMAGES} images × ${ROTATIONS} rotations × ${SHIFTS} shifts`;

/** Project (40), filter (10), and for each shift its phase (6) and product (4): per pixel of a rotation. */
const SCORE_FLOPS = 50 + 10 * SHIFTS;

function scoreCase(device: Device): BenchCase {
  const scene = makeScene(device, IMAGES);
  const cloud = makePoints(device, IMAGES, ROTATIONS, SHIFTS);
  const pixelCount = bandPrefix(scene.band, SHELL);
  const out = scene.allocate("f32", POINTS);
  const samples = IMAGES * ROTATIONS * (pixelCount - 1);
  return {
    kernel: "scorePoints",
    what: `${cloudText}, ${pixelCount - 1} pixels`,
    work: {
      flops: SCORE_FLOPS * samples,
      bytes: 12 * IMAGES * pixelCount,
      gathers: 4 * samples,
    },
    run: () =>
      device.scorePoints({ ...scene.images, ...scene.reference, ...cloud.points, firstPixel: 1, pixelCount, out }),
    free() {
      cloud.free();
      scene.free();
    },
  };
}

function residualsCase(device: Device): BenchCase {
  const scene = makeScene(device, IMAGES);
  const cloud = makePoints(device, IMAGES, ROTATIONS, SHIFTS);
  const weights = scene.upload(new Float32Array(POINTS).fill(1 / (ROTATIONS * SHIFTS)));
  const out = scene.allocate("f64", 3 * IMAGES * scene.images.shellCount);
  const samples = IMAGES * ROTATIONS * scene.band.pixelCount;
  return {
    kernel: "residuals",
    what: `${cloudText}, ${scene.band.pixelCount} pixels`,
    // Project (40), merge shifts (10 each), three sums (20).
    work: {
      flops: (60 + 10 * SHIFTS) * samples,
      bytes: 12 * IMAGES * scene.band.pixelCount,
      gathers: 4 * samples,
    },
    run: () => device.residuals({ ...scene.images, ...scene.reference, ...cloud.points, weights, out }),
    free() {
      cloud.free();
      scene.free();
    },
  };
}

/** What propose and update share: parents, kernel, symmetry, keys. */
function makeCloudState(device: Device) {
  const owner = makeOwner(device);
  const parents = makePoints(device, IMAGES, PARENTS, 1);
  const kernelRow = [0.02, 0, 0.02, 0, 0, 0.02, 0, 0, 0, 0.3, 0, 0, 0, 0, 0.3];
  const kernel = owner.upload(Float32Array.from({ length: 15 * IMAGES }, (_, i) => kernelRow[i % 15]!));
  return {
    kernelRow,
    kernel,
    shared: {
      symmetry: owner.upload(Float32Array.of(1, 0, 0, 0)),
      symmetryCount: 1,
      key: owner.upload(Uint32Array.from({ length: 2 * IMAGES }, (_, i) => i + 1)),
      stream: 1,
      phase: 0,
      parentCount: PARENTS,
      parentRotations: parents.points.rotations,
      parentShiftsPx: parents.points.shiftsPx,
      parentWeights: owner.upload(new Float32Array(IMAGES * PARENTS).fill(1 / PARENTS)),
    },
    free() {
      parents.free();
      owner.free();
    },
  };
}

function proposeCase(device: Device): BenchCase {
  const owner = makeOwner(device);
  const cloud = makePoints(device, IMAGES, ROTATIONS, SHIFTS);
  const state = makeCloudState(device);
  const logProposal = owner.allocate("f32", POINTS);
  return {
    kernel: "proposePoints",
    what: `${cloudText}, ${PARENTS} parents`,
    // Per rotation and parent: relative rotation and its logarithm (50), density (20); per point and parent: density (15).
    work: { flops: IMAGES * ROTATIONS * PARENTS * (70 + 15 * SHIFTS), bytes: 16 * POINTS },
    run: () =>
      device.proposePoints({
        ...cloud.points,
        ...state.shared,
        kernel: state.kernel,
        degreesOfFreedom: 5,
        logProposal,
      }),
    free() {
      owner.free();
      cloud.free();
      state.free();
    },
  };
}

function updateCase(device: Device): BenchCase {
  const owner = makeOwner(device);
  const cloud = makePoints(device, IMAGES, ROTATIONS, SHIFTS);
  const state = makeCloudState(device);
  const logLikelihood = owner.upload(normals(POINTS, 9, 2));
  const logProposal = owner.upload(normals(POINTS, 10, 0.5));
  const priorCentrePx = owner.upload(new Float32Array(2 * IMAGES));
  const priorSigmaPx = owner.upload(new Float32Array(IMAGES).fill(2));
  const weights = owner.allocate("f32", POINTS);
  const summary = owner.allocate("f32", SUMMARY_FIELDS * IMAGES);
  const startKernel = Float32Array.from({ length: 15 * IMAGES }, (_, i) => state.kernelRow[i % 15]!);
  return {
    kernel: "updateCloud",
    what: cloudText,
    // Two exponentials (40), prior (10), modes and covariances (100), sorting (9 comparisons).
    work: { flops: 159 * POINTS, bytes: 24 * POINTS },
    run() {
      device.write(state.kernel, startKernel);
      device.updateCloud({
        ...cloud.points,
        ...state.shared,
        kernel: state.kernel,
        logLikelihood,
        logProposal,
        priorCentrePx,
        priorSigmaPx,
        temper: 1,
        perturbFactor: 0.8,
        parentSpread: 0.5,
        shrinkFloor: 0.4,
        minRotationRad: 1e-3,
        minShiftPx: 0.01,
        weights,
        summary,
      });
    },
    free() {
      owner.free();
      cloud.free();
      state.free();
    },
  };
}
