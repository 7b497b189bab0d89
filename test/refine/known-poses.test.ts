import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { deviceFft3 } from "../../src/map/device-fft3.ts";
import { fscFromTransforms } from "../../src/map/fsc.ts";
import { accumulate, type WeightedBlock } from "../../src/maximization/accumulate.ts";
import { addBlock, makeModelSums, updatedSigma2 } from "../../src/maximization/model-update.ts";
import { reconstructMap } from "../../src/maximization/reconstruct-map.ts";
import { makeLargest, noteLargest, sumQuanta } from "../../src/maximization/sum-quanta.ts";
import { loadImageSet } from "../../src/particles/image-set.ts";
import type { PosteriorBlock } from "../../src/posterior/block.ts";
import { makeScene, memoryReader, project, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";
import { shellGains } from "../support/shell-gains.ts";

const MAX_SHELL = 13;

describe("images at their true poses", () => {
  let device: Device;
  let scene: Scene;
  beforeAll(async () => {
    device = openDevice();
    scene = await makeScene(device, { count: 200, snr: 0.5, seed: 41 });
  });
  afterAll(() => device.close());

  /** [images][3][shells] residual, cross and power of the true poses with weight 1. */
  async function statisticsOf(
    images: Float32Array,
    mask: { radiusPx: number; edgePx: number } | null,
    isSignal: boolean,
  ) {
    const band = sceneBand(device, scene.boxPx);
    const model = sceneModel(scene);
    const options = { half: 0, mask, isRecentred: false };
    const reader = memoryReader(images, scene.boxPx);
    const set = await loadImageSet(device, band, reader, model, rowsTo(scene.count), options);
    const map = isSignal ? scene.map : new Float32Array(scene.map.length);
    const reference = makeReference(device, map, scene.boxPx, 2, MAX_SHELL);
    const buffers = {
      active: device.upload(rowsTo(scene.count)),
      rotations: device.upload(Float32Array.from(scene.rotations)),
      shiftsPx: device.upload(Float32Array.from(scene.shiftsPx)),
      weights: device.upload(new Float32Array(scene.count).fill(1)),
      out: device.allocate("f64", scene.count * 3 * model.shellCount),
    };
    const counts = { activeCount: scene.count, rotationsPerImage: 1, shiftsPerRotation: 1 };
    device.residuals({ ...set.args, ...reference.args, ...buffers, ...counts });
    const out = (await device.read(buffers.out)) as Float64Array;
    for (const buffer of Object.values(buffers)) buffer.free();
    set.free();
    reference.free();
    band.free();
    return { statistics: out, model, band: band.band };
  }

  /** Mean over images of Σ|X − M|²/(2σ²) per Fourier pixel. */
  async function misfit(...args: Parameters<typeof statisticsOf>): Promise<number> {
    const { statistics, model, band } = await statisticsOf(...args);
    let sum = 0;
    for (let i = 0; i < scene.count; i++) {
      for (let s = 1; s <= MAX_SHELL; s++) {
        sum += statistics[3 * i * model.shellCount + s]! / (2 * model.sigma2[0][s]!);
      }
    }
    return sum / (scene.count * (band.shellStart[MAX_SHELL + 1]! - 1));
  }

  // 200 images of some 260 pixels: a relative standard deviation of 1/√52 000 = 0.44 %.
  const THREE_SD = 0.014;

  test("pure noise: minus the log-likelihood is the number of pixels", async () => {
    const noise = await makeScene(device, { count: scene.count, snr: 0, seed: 42 });
    const ratio = await misfit(noise.images, null, false);
    console.log(`pure noise: −L per pixel ${ratio.toFixed(4)}`);
    expect(Math.abs(ratio - 1)).toBeLessThan(THREE_SD);
  });

  test("… and so it is behind a mask whose outside is filled with noise", async () => {
    const noise = await makeScene(device, { count: scene.count, snr: 0, seed: 43 });
    const ratio = await misfit(noise.images, { radiusPx: 10, edgePx: 4 }, false);
    console.log(`pure noise, masked: −L per pixel ${ratio.toFixed(4)}`);
    expect(Math.abs(ratio - 1)).toBeLessThan(THREE_SD);
  });

  test("… and that of images less their true projection", async () => {
    const ratio = await misfit(scene.images, null, true);
    console.log(`images less the truth: −L per pixel ${ratio.toFixed(4)}`);
    expect(Math.abs(ratio - 1)).toBeLessThan(THREE_SD);
  });

  test("the noise re-estimated from the residuals of the true poses is the noise", async () => {
    const { statistics, model, band } = await statisticsOf(scene.images, null, true);
    const block: PosteriorBlock = {
      ...truePoses(scene),
      shellCount: model.shellCount,
      summary: new Float32Array(SUMMARY_FIELDS * scene.count),
      statistics,
    };
    const largest = makeLargest(model.shellCount);
    noteLargest(largest, block);
    const sums = makeModelSums(1, 1, model.shellCount, sumQuanta(largest, scene.count));
    const ones = new Float32Array(scene.count).fill(1);
    addBlock(sums, block, model, band, ones, new Int32Array(scene.count), new Float32Array(scene.count));
    const sigma2 = updatedSigma2(sums, band, model.shellCount, model.sigma2[0]);
    const ratio = sigma2
      .slice(4, MAX_SHELL + 1)
      .reduce((sum, v, i) => sum + v / model.sigma2[0][4 + i]! / (MAX_SHELL - 3), 0);
    console.log(`noise variance re-estimated: ${ratio.toFixed(4)} of the truth`);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  });

  // Spreading weighs a voxel's neighbours by T, which rises steeply near the origin and where the CTF does: up to 2 % there
  // (shell 1 without a CTF, shells 2 and 6 with one at 4 Å/px), with the density-compensation loop as without.
  const GAIN_OF_A_SHELL = 0.025;
  /** Beyond, the map has less than 1e-6 of its power, and what low shells leave there by interpolation counts. */
  const LAST_SHELL = 11;

  test.each([
    { optics: "none", count: 800 },
    { optics: "one of their own", count: 800 },
  ])("project → reconstruct has a gain of 1.00 ± 0.01 over the shells: CTF $optics", async ({ optics, count }) => {
    const many = await makeScene(device, { count, snr: 0.5, seed: 44 });
    const hasCtf = optics !== "none";
    const { boxPx, pixelSizeA, rotations, shiftsPx, map } = many;
    const images = await project(device, map, boxPx, pixelSizeA, rotations, shiftsPx, hasCtf ? many.optics : null);
    const rebuilt = await fromTruePoses(device, many, images, hasCtf);
    const fft = deviceFft3(device);
    const [a, b] = [await fft.forward(rebuilt, boxPx), await fft.forward(map, boxPx)];
    const gains = shellGains(a, b, boxPx);
    const fsc = fscFromTransforms(a, b, boxPx);
    console.log(
      `gain per shell, CTF ${hasCtf}: ${Array.from(gains.slice(1, MAX_SHELL + 1), (g) => g.toFixed(4)).join(" ")}`,
    );
    const mean = gains.slice(1, LAST_SHELL + 1).reduce((sum, g) => sum + g, 0) / LAST_SHELL;
    expect(Math.abs(mean - 1)).toBeLessThan(0.01);
    for (let s = 1; s <= LAST_SHELL; s++) {
      expect(Math.abs(gains[s]! - 1), `shell ${s}`).toBeLessThan(GAIN_OF_A_SHELL);
      expect(fsc[s], `shell ${s}`).toBeGreaterThan(0.98);
    }
  });
});

/** Map [N³] of images inserted at the true poses of the scene. */
async function fromTruePoses(
  device: Device,
  scene: Scene,
  images: Float32Array,
  hasCtf: boolean,
): Promise<Float32Array> {
  const { boxPx, count } = scene;
  const model = sceneModel(scene);
  // Amplitude contrast 1 without defocus or Cs: a contrast transfer function of 1.
  if (!hasCtf) for (let i = 0; i < count; i++) model.optics.set([0, 0, 0, 3e5, 0, 1, 0], 8 * i);
  const band = sceneBand(device, boxPx);
  const block = truePoses(scene);
  const ones = new Float32Array(count).fill(1);
  async function* blocks(): AsyncGenerator<WeightedBlock> {
    yield { block, imageWeight: ones };
  }
  let largestAmplitude = 0;
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * boxPx * boxPx, (i + 1) * boxPx * boxPx);
    largestAmplitude = Math.max(
      largestAmplitude,
      image.reduce((sum, v) => sum + Math.abs(v), 0),
    );
  }
  const sums = await accumulate(device, band, memoryReader(images, boxPx), model, blocks(), {
    half: 0,
    maxShell: boxPx / 2,
    paddingFactor: 2,
    group: pointGroup("C1"),
    particleCount: count,
    largestAmplitude,
    signal: new AbortController().signal,
  });
  const map = await reconstructMap(device, sums, { boxPx, prior: null, griddingIterations: 0 });
  sums.free();
  band.free();
  return map;
}

/** The true poses of a scene as posteriors of one point each. */
function truePoses(scene: Scene): PosteriorBlock {
  const none = new Float32Array(0);
  return {
    half: 0,
    index: 0,
    particles: rowsTo(scene.count),
    rotationsPerImage: 1,
    shiftsPerRotation: 1,
    parentCount: 0,
    shellCount: 0,
    rotations: Float32Array.from(scene.rotations),
    shiftsPx: Float32Array.from(scene.shiftsPx),
    weights: new Float32Array(scene.count).fill(1),
    summary: none,
    kernel: none,
    parentRotations: none,
    parentShiftsPx: none,
    statistics: new Float64Array(0),
  };
}
