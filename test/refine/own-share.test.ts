import { afterAll, beforeAll, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { sphereMaskInto } from "../../src/map/masks.ts";
import { accumulate, type WeightedBlock } from "../../src/maximization/accumulate.ts";
import { reconstructMap } from "../../src/maximization/reconstruct-map.ts";
import { wienerPrior } from "../../src/maximization/wiener-prior.ts";
import { loadImageSet } from "../../src/particles/image-set.ts";
import { fscInsideMask, noiseShareOf, ownShareOf } from "../../src/refine/own-share.ts";
import { makeScene, memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "../support/scene.ts";

const COUNT = 600;
const BOX_PX = 32;
const MAX_SHELL = 14;
/** Below them slices crowd, above them nothing is inserted that interpolation would need. A shell alone scatters by a tenth (noise of the others). */
const SHELLS = [6, 7, 8, 9, 10, 11, 12, 13];

let device: Device;
let noise: Scene;
beforeAll(async () => {
  device = openDevice();
  noise = await makeScene(device, { boxPx: BOX_PX, count: COUNT, snr: 0, seed: 5 });
});
afterAll(() => device.close());

/** What slices of a map made of noise alone hold of each image, and what they should: summed over images and shells. */
async function returnedParts(mask: Float32Array, fsc: Float64Array) {
  const band = sceneBand(device, BOX_PX);
  const model = sceneModel(noise);
  const reader = memoryReader(noise.images, BOX_PX);
  const none = new Float32Array(0);
  const points = {
    rotations: Float32Array.from(noise.rotations),
    shiftsPx: Float32Array.from(noise.shiftsPx),
    weights: new Float32Array(COUNT).fill(1),
  };
  const blocks = async function* (): AsyncGenerator<WeightedBlock> {
    yield {
      block: {
        ...{ half: 0, index: 0, particles: rowsTo(COUNT), rotationsPerImage: 1, shiftsPerRotation: 1, parentCount: 0 },
        ...{ shellCount: 0, ...points, summary: none, kernel: none, parentRotations: none, parentShiftsPx: none },
        statistics: new Float64Array(0),
      },
      imageWeight: new Float32Array(COUNT).fill(1),
    };
  };
  const sums = await accumulate(device, band, reader, model, blocks(), {
    ...{ half: 0, maxShell: MAX_SHELL, paddingFactor: 2, group: pointGroup("C1"), particleCount: COUNT },
    ...{ largestAmplitude: 1e4, signal: new AbortController().signal },
  });
  const prior = wienerPrior(fsc, sums.meanWeight);
  const map = await reconstructMap(device, sums, { boxPx: BOX_PX, prior, griddingIterations: 0 });
  for (let i = 0; i < map.length; i++) map[i]! *= mask[i]!;
  const reference = makeReference(device, map, BOX_PX, 2, MAX_SHELL);
  const set = await loadImageSet(device, band, reader, model, rowsTo(COUNT), {
    half: 0,
    mask: null,
    isRecentred: false,
  });
  const buffers = {
    ...{ active: device.upload(rowsTo(COUNT)), rotations: device.upload(points.rotations) },
    ...{ shiftsPx: device.upload(points.shiftsPx), weights: device.upload(points.weights) },
    out: device.allocate("f64", COUNT * 3 * model.shellCount),
  };
  const counts = { activeCount: COUNT, rotationsPerImage: 1, shiftsPerRotation: 1 };
  device.residuals({ ...set.args, ...reference.args, ...buffers, ...counts });
  const out = (await device.read(buffers.out)) as Float64Array;
  const planes = (await device.read(set.args.images)) as Float32Array;
  const ctf = (await device.read(set.args.ctf!)) as Float32Array;
  const cross = new Float64Array(MAX_SHELL + 1);
  const own = new Float64Array(MAX_SHELL + 1);
  const pixels = band.bandPixelCount;
  for (let i = 0; i < COUNT; i++) {
    for (let s = 1; s <= MAX_SHELL; s++) cross[s]! += out[(3 * i + 1) * model.shellCount + s]!;
    for (let k = 1; k < band.band.shellStart[MAX_SHELL + 1]!; k++) {
      const power = planes[2 * i * pixels + k]! ** 2 + planes[(2 * i + 1) * pixels + k]! ** 2;
      own[band.band.shell[k]!]! += power * ctf[i * pixels + k]! ** 2;
    }
  }
  const share = ownShareOf(COUNT, mask, fsc);
  const sum = (of: (s: number) => number) => SHELLS.reduce((total, s) => total + of(s), 0);
  return { found: sum((s) => cross[s]!), wanted: sum((s) => share[s]! * own[s]!) };
}

test.each([
  ["the whole box", 0, 1],
  ["a sphere", 12, 0.5],
  ["a small sphere and a weaker weight", 7, 0.2],
])("an image's own share in its slice of the reference: %s", async (_, radiusPx, f) => {
  const mask = new Float32Array(BOX_PX ** 3).fill(1);
  if (radiusPx > 0) sphereMaskInto(mask, BOX_PX, radiusPx, 3);
  const { found, wanted } = await returnedParts(mask, new Float64Array(BOX_PX / 2 + 1).fill(f));
  expect(found / wanted).toBeGreaterThan(0.93);
  expect(found / wanted).toBeLessThan(1.07);
});

test("the FSC inside a mask is that of maps whose noise is less by the mask's share", () => {
  const mask = sphereMaskInto(new Float32Array(BOX_PX ** 3), BOX_PX, 10, 3);
  const share = noiseShareOf(mask);
  expect(share).toBeGreaterThan(0.08);
  // SSNR 1 of the box is 4 where a quarter of the noise is let through.
  const [f, zero, negative] = fscInsideMask([0.5, 0, -0.1], 0.25);
  expect(f).toBeCloseTo(0.8, 12);
  expect([zero, negative]).toEqual([0, 0]);
});
