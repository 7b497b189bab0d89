import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { CTF_OPTICS_FIELDS } from "../../src/device/ops/ctf.ts";
import { type DefocusCurves, defocusCurves } from "../../src/expectation/defocus-curves.ts";
import type { FilterResult } from "../../src/expectation/filter.ts";
import { type DeviceReference, makeReference } from "../../src/expectation/reference.ts";
import { bandPrefix } from "../../src/geometry/band.ts";
import { astigmaticVariant } from "../../src/optics/astigmatism.ts";
import { computeBatchCtf, opticsOfBatch } from "../../src/particles/batch-ctf.ts";
import type { ImageModel } from "../../src/particles/image-model.ts";
import { type DeviceBand, type DeviceImageSet, loadImageSet } from "../../src/particles/image-set.ts";
import { makeDefocusGrid } from "../../src/posterior/defocus-prior.ts";
import { makeScene, memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

const COUNT = 6;
const grid = makeDefocusGrid(800, 100);
/** |k|² of a ring stands for each pixel's own: at 4.4 Å b varies by 8e-5 rad/Å within a
 * ring, against slopes of some 10 log-likelihood units per rad. Per Å of change. */
const RING_ERROR_PER_A = 1e-3;
const ROUNDING = 0.01;

describe("log-likelihood against defocus", () => {
  const device = openDevice();
  let scene: Scene;
  let band: DeviceBand;
  let model: ImageModel;
  let set: DeviceImageSet;
  let reference: DeviceReference;
  let found: FilterResult;
  let curves: DefocusCurves;
  const currentA = Float32Array.of(0, 100, -200, 50, 0, 300);

  beforeAll(async () => {
    scene = await makeScene(device, { boxPx: 48, pixelSizeA: 2, count: COUNT, snr: 0.5, seed: 5 });
    band = sceneBand(device, scene.boxPx);
    model = sceneModel(scene, { scale: Float32Array.from({ length: COUNT }, (_, i) => 1 + 0.1 * i) });
    set = await loadImageSet(device, band, memoryReader(scene.images, scene.boxPx), model, rowsTo(COUNT), {
      half: 0,
      mask: null,
      isRecentred: false,
    });
    reference = makeReference(device, scene.map, scene.boxPx, 2, 22);
    found = {
      ...{ rotationsPerImage: 1, shiftsPerRotation: 1, weights: new Float32Array(COUNT).fill(1) },
      ...{ rotations: Float32Array.from(scene.rotations), shiftsPx: Float32Array.from(scene.shiftsPx) },
    } as FilterResult;
    curves = await defocusCurves(device, band, { set, model, half: 0, key: model.key, stream: 1 }, reference, found, {
      grid,
      currentA,
      pointCount: 2,
      astigmatismStepA: 100,
      ownShare: new Float64Array(25),
    });
  });
  afterAll(() => {
    set.free();
    reference.free();
    band.free();
    device.close();
  });

  /** The same by another road: scorePoints with the CTF of other optics. */
  async function scores(rows: Float64Array): Promise<Float32Array> {
    const ctf = device.allocate("f32", COUNT * band.bandPixelCount);
    computeBatchCtf(device, band, model, rowsTo(COUNT), rows, ctf);
    const buffers = {
      active: device.upload(rowsTo(COUNT)),
      rotations: device.upload(found.rotations),
      shiftsPx: device.upload(found.shiftsPx),
      out: device.allocate("f32", COUNT),
    };
    device.scorePoints({
      ...set.args,
      ctf,
      ...reference.args,
      ...buffers,
      activeCount: COUNT,
      rotationsPerImage: 1,
      shiftsPerRotation: 1,
      firstPixel: bandPrefix(band.band, 0),
      pixelCount: bandPrefix(band.band, 22),
    });
    return (await device.read(buffers.out)) as Float32Array;
  }

  test("three passes give the curve that rescoring with each CTF gives", async () => {
    const optics = opticsOfBatch(model, rowsTo(COUNT));
    const atCurrent = await scores(optics);
    for (let d = 0; d < grid.count; d++) {
      const shifted = optics.slice();
      for (let i = 0; i < COUNT; i++) {
        // The optics hold currentA already.
        const change = grid.firstA + d * grid.stepA - currentA[i]!;
        for (const field of [0, 1]) shifted[CTF_OPTICS_FIELDS * i + field]! += change;
      }
      const direct = await scores(shifted);
      for (let i = 0; i < COUNT; i++) {
        const wanted = direct[i]! - atCurrent[i]!;
        const change = Math.abs(grid.firstA + d * grid.stepA - currentA[i]!);
        const error = Math.abs(curves.curve[i * grid.count + d]! - wanted);
        expect(error, `image ${i}, ${d}`).toBeLessThan(ROUNDING + RING_ERROR_PER_A * change);
      }
    }
  });

  test("slope and curvature along astigmatism are those of rescoring", async () => {
    const optics = opticsOfBatch(model, rowsTo(COUNT));
    const middle = await scores(optics);
    for (const component of [0, 1] as const) {
      const [up, down] = [
        await scores(astigmaticVariant(optics, component, 100)),
        await scores(astigmaticVariant(optics, component, -100)),
      ];
      for (let i = 0; i < COUNT; i++) {
        expect(curves.astigmatism[4 * i + 2 * component]).toBeCloseTo((up[i]! - down[i]!) / 200, 4);
        const curvature = (2 * middle[i]! - up[i]! - down[i]!) / 1e4;
        expect(curves.astigmatism[4 * i + 2 * component + 1]).toBeCloseTo(curvature, 5);
      }
    }
  });

  test("an image's own part in the reference adds its own correlation with itself, and that is taken off", async () => {
    const ownShare = Float64Array.from({ length: 25 }, (_, s) => (s > 0 && s <= 22 ? 0.02 : 0));
    const images = { set, model, half: 0, key: model.key, stream: 1 };
    const plan = { grid, currentA, pointCount: 2, astigmatismStepA: 100, ownShare };
    const without = await defocusCurves(device, band, images, reference, found, plan);
    const planes = (await device.read(set.args.images)) as Float32Array;
    const ctfOf = async (rows: Float64Array) => {
      const ctf = device.allocate("f32", COUNT * band.bandPixelCount);
      computeBatchCtf(device, band, model, rowsTo(COUNT), rows, ctf);
      return (await device.read(ctf)) as Float32Array;
    };
    const optics = opticsOfBatch(model, rowsTo(COUNT));
    const now = await ctfOf(optics);
    for (const d of [0, 5, 10, 16]) {
      const shifted = optics.slice();
      for (let i = 0; i < COUNT; i++) {
        for (const field of [0, 1])
          shifted[CTF_OPTICS_FIELDS * i + field]! += grid.firstA + d * grid.stepA - currentA[i]!;
      }
      const then = await ctfOf(shifted);
      for (let i = 0; i < COUNT; i++) {
        // Σ C(then) C(now) |X|² share/σ², less its value at the current defocus.
        let wanted = 0;
        for (let k = 1; k < bandPrefix(band.band, 22); k++) {
          const at = i * band.bandPixelCount + k;
          const power = planes[at + i * band.bandPixelCount]! ** 2 + planes[at + (i + 1) * band.bandPixelCount]! ** 2;
          wanted += (0.02 * power * now[at]! * (then[at]! - now[at]!)) / model.sigma2[0][band.band.shell[k]!]!;
        }
        const taken = curves.curve[i * grid.count + d]! - without.curve[i * grid.count + d]!;
        expect(Math.abs(taken - wanted), `image ${i}, ${d}`).toBeLessThan(0.05 + 0.02 * Math.abs(wanted));
      }
    }
  });

  test("the true defocus is the best of the grid, within what the image can tell", () => {
    for (let i = 0; i < COUNT; i++) {
      const row = curves.curve.subarray(i * grid.count, (i + 1) * grid.count);
      const atTruth = row[Math.round((currentA[i]! - grid.firstA) / grid.stepA)]!;
      expect(Math.max(...row) - atTruth).toBeLessThan(8);
    }
  });
});
