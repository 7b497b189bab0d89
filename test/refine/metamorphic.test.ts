import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import { angleBetweenRad, matrixToQuaternionInto, multiplyInto } from "../../src/geometry/quaternion.ts";
import { loadImageSet } from "../../src/particles/image-set.ts";
import type { PosteriorBlock } from "../../src/posterior/block.ts";
import { expectScene } from "../support/expect-scene.ts";
import { scores } from "../support/posterior.ts";
import { makeScene, memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

const COUNT = 12;
const MAX_SHELL = 12;
/** float32 sums of some hundred pixels at log-likelihoods of about a hundred. */
const SAME_SCORE = 0.01;

describe("d. Metamorphic: changes that must not matter, or must matter in one known way", () => {
  let device: Device;
  let scene: Scene;
  let plain: PosteriorBlock;
  beforeAll(async () => {
    device = openDevice();
    scene = await makeScene(device, { count: COUNT, snr: 0.5, seed: 31 });
    plain = await expectScene(device, scene);
  });
  afterAll(() => device.close());

  test("the search finds the poses it is later asked about", () => {
    for (let i = 0; i < COUNT; i++) {
      expect(angleBetweenRad(rotationOf(plain, i), 0, scene.rotations, 4 * i)).toBeLessThan(0.35);
    }
  });

  /** Log-likelihood at every point of the plain posterior, points, map and images changed. */
  async function scoresAt(change: {
    map?: Float32Array;
    images?: Float32Array;
    rotations?: Float32Array;
    shiftsPx?: Float32Array;
    model?: ReturnType<typeof sceneModel>;
  }): Promise<Float32Array> {
    const band = sceneBand(device, scene.boxPx);
    const reader = memoryReader(change.images ?? scene.images, scene.boxPx);
    const options = { half: 0, mask: null, isRecentred: true };
    const set = await loadImageSet(device, band, reader, change.model ?? sceneModel(scene), rowsTo(COUNT), options);
    const reference = makeReference(device, change.map ?? scene.map, scene.boxPx, 2, MAX_SHELL);
    const { rotations = plain.rotations, shiftsPx = plain.shiftsPx } = change;
    const out = await scores(device, set, band, reference, rotations, shiftsPx, 96, 4, MAX_SHELL);
    set.free();
    reference.free();
    band.free();
    return out;
  }

  test("turning the reference by a rotation of the cube turns the poses with it, at the same likelihood", async () => {
    // Volume axes x, y, z → y, z, x: an exact permutation of voxels, of order three.
    const n = scene.boxPx;
    const turned = new Float32Array(n ** 3);
    for (let z = 0; z < n; z++) {
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) turned[(y * n + x) * n + z] = scene.map[(z * n + y) * n + x]!;
      }
    }
    const turn = new Float64Array(4);
    // (x, y, z) goes to (z, x, y).
    matrixToQuaternionInto(turn, 0, Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0), 0);
    const rotations = new Float32Array(plain.rotations.length);
    const q = new Float64Array(4);
    for (let k = 0; k < rotations.length; k += 4) {
      q.set(plain.rotations.subarray(k, k + 4));
      multiplyInto(q, 0, turn, 0, q, 0);
      rotations.set(q, k);
    }
    expectClose(await scoresAt({ map: turned, rotations }), await scoresAt({}), SAME_SCORE);
    expect(worst(await scoresAt({ map: turned }), await scoresAt({}))).toBeGreaterThan(5);
  });

  test("images moved by whole pixels have shifts moved by as much, at the same likelihood", async () => {
    const images = moved(scene.images, scene.boxPx, 3, -2);
    const shiftsPx = plain.shiftsPx.map((t, k) => t + (k % 2 === 0 ? 3 : -2));
    expectClose(await scoresAt({ images, shiftsPx }), await scoresAt({}), SAME_SCORE);
    expect(worst(await scoresAt({ images }), await scoresAt({}))).toBeGreaterThan(5);
  });

  test("recentring takes whole pixels out of the images and out of the shifts, at the same likelihood", async () => {
    const recentrePx = Int32Array.from({ length: 2 * COUNT }, (_, k) => (k % 2 === 0 ? 2 : -1));
    const shiftsPx = plain.shiftsPx.map((t, k) => t - (k % 2 === 0 ? 2 : -1));
    expectClose(await scoresAt({ model: sceneModel(scene, { recentrePx }), shiftsPx }), await scoresAt({}), SAME_SCORE);
  });

  test("astigmatism turned by 180°, or by 90° with U and V exchanged, is the same astigmatism", async () => {
    const halfTurn = sceneModel(scene);
    const exchanged = sceneModel(scene);
    for (let i = 0; i < COUNT; i++) {
      halfTurn.optics[8 * i + 2]! += Math.PI;
      const [u, v] = [exchanged.optics[8 * i]!, exchanged.optics[8 * i + 1]!];
      exchanged.optics.set([v, u, exchanged.optics[8 * i + 2]! + Math.PI / 2], 8 * i);
    }
    expectClose(await scoresAt({ model: halfTurn }), await scoresAt({}), SAME_SCORE);
    expectClose(await scoresAt({ model: exchanged }), await scoresAt({}), SAME_SCORE);
    const quarterTurn = sceneModel(scene);
    for (let i = 0; i < COUNT; i++) quarterTurn.optics[8 * i + 2]! += Math.PI / 2;
    expect(worst(await scoresAt({ model: quarterTurn }), await scoresAt({}))).toBeGreaterThan(0.5);
  });

  test("images, map and noise in other units (× 1024) give the same posteriors, byte for byte", async () => {
    const unit = 1024;
    const flat = new Float64Array(scene.boxPx / 2 + 1).fill((unit * unit * scene.boxPx ** 2) / 2);
    const other = await expectScene(device, scene, {
      images: scene.images.map((v) => v * unit),
      map: scene.map.map((v) => v * unit),
      model: sceneModel(scene, { sigma2: [flat, flat] }),
    });
    expect(other.weights).toEqual(plain.weights);
    expect(other.rotations).toEqual(plain.rotations);
    expect(other.shiftsPx).toEqual(plain.shiftsPx);
  });

  test("particles in another order have the same posteriors, byte for byte", async () => {
    const particles = Int32Array.from({ length: COUNT }, (_, i) => (5 * i + 3) % COUNT);
    const other = await expectScene(device, scene, { particles });
    particles.forEach((p, i) => {
      expectSameRow(other, i, plain, p);
    });
  });

  test("a noise group split into two equal ones gives the same posteriors, byte for byte", async () => {
    const row = new Float64Array(scene.boxPx / 2 + 1).fill(scene.boxPx ** 2 / 2);
    const both = Float64Array.of(...row, ...row);
    const noiseGroup = Int32Array.from({ length: COUNT }, (_, i) => i % 2);
    const model = sceneModel(scene, { noiseGroup, noiseGroupCount: 2, sigma2: [both, both] });
    const other = await expectScene(device, scene, { model });
    for (let i = 0; i < COUNT; i++) expectSameRow(other, i, plain, i);
  });
});

function rotationOf(block: PosteriorBlock, row: number): Float64Array {
  const at = row * SUMMARY_FIELDS + SUMMARY.rotation;
  return Float64Array.from(block.summary.subarray(at, at + 4));
}

function expectSameRow(a: PosteriorBlock, rowA: number, b: PosteriorBlock, rowB: number): void {
  const points = a.rotationsPerImage * a.shiftsPerRotation;
  const row = (array: Float32Array, index: number, width: number) => array.subarray(index * width, (index + 1) * width);
  expect(row(a.weights, rowA, points)).toEqual(row(b.weights, rowB, points));
  expect(row(a.rotations, rowA, 4 * a.rotationsPerImage)).toEqual(row(b.rotations, rowB, 4 * a.rotationsPerImage));
  expect(row(a.shiftsPx, rowA, 2 * points)).toEqual(row(b.shiftsPx, rowB, 2 * points));
  expect(row(a.summary, rowA, SUMMARY_FIELDS)).toEqual(row(b.summary, rowB, SUMMARY_FIELDS));
}

function worst(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);
}

function expectClose(a: Float32Array, b: Float32Array, tolerance: number): void {
  expect(a.length).toBe(b.length);
  expect(worst(a, b)).toBeLessThan(tolerance);
}

/** Content of each image moved by whole pixels, circularly. */
function moved(images: Float32Array, n: number, dx: number, dy: number): Float32Array {
  const out = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) {
    const x = (i % n) + dx;
    const y = (Math.floor(i / n) % n) + dy;
    const image = Math.floor(i / (n * n));
    out[(image * n + ((y + n) % n)) * n + ((x + n) % n)] = images[i]!;
  }
  return out;
}
