import { afterAll, beforeAll, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { angleBetweenRad } from "../../src/geometry/quaternion.ts";
import { silentLog, subtract } from "../../src/index.ts";
import { deviceFft3 } from "../../src/map/device-fft3.ts";
import { fscOfMaps } from "../../src/map/fsc.ts";
import { runScene, type SceneRun } from "../support/run-scene.ts";
import { addGaussian, makeScene, type Scene } from "../support/scene.ts";
import { type SceneFiles, writeMap, writeScene } from "../support/scene-files.ts";

const BOX = 32;
const KEPT_CENTRE = [6, 2, 0] as const;
const MASK_RADIUS = 6.5;

/** A body of five blobs about KEPT_CENTRE and a larger one across the box's centre. */
function twoBodies(): Float32Array {
  const out = new Float32Array(BOX ** 3);
  const kept = [
    [6, 2, 0, 1.4],
    [8.5, 3, 2, 1.1],
    [5, 4.5, -2.5, 1.2],
    [7, -1.5, -1.5, 1.1],
    [4.5, 0.5, 3, 1.1],
  ];
  const taken = [
    [-6, -3, 3, 1.8],
    [-8, 3, -3, 1.5],
    [-5, -6, -4, 1.5],
    [-4, 5, 5, 1.4],
  ];
  for (const [x, y, z, sd] of [...kept, ...taken]) addGaussian(out, BOX, [x!, y!, z!], sd!, 1);
  return out;
}

/** 1 in a sphere about KEPT_CENTRE with a soft edge of 2 px. */
function maskOfKept(): Float32Array {
  return Float32Array.from({ length: BOX ** 3 }, (_, i) => {
    const at = [i % BOX, Math.floor(i / BOX) % BOX, Math.floor(i / BOX ** 2)];
    const beyond = Math.hypot(...at.map((v, axis) => v - BOX / 2 - KEPT_CENTRE[axis]!)) - MASK_RADIUS;
    return Math.min(1, Math.max(0, 1 - beyond / 2));
  });
}

let device: Device;
let scene: Scene;
let files: SceneFiles;
beforeAll(async () => {
  device = openDevice();
  scene = await makeScene(device, { count: 200, snr: 0.5, seed: 61, shape: twoBodies() });
  files = writeScene(scene, { hasPoses: true });
});
afterAll(() => {
  files.remove();
  device.close();
});

function medianErrorDeg({ table: { rotation } }: SceneRun): number {
  const errors = Array.from({ length: scene.count }, (_, p) =>
    angleBetweenRad(rotation, 4 * p, scene.rotations, 4 * p),
  );
  return (errors.sort((a, b) => a - b)[scene.count >> 1]! * 180) / Math.PI;
}

test("focused refinement within a mask finds the body that subtraction left, and nothing of the other", async () => {
  const mask = maskOfKept();
  writeMap(files.path("mask.mrc"), mask, scene);
  const context = { signal: new AbortController().signal, log: silentLog };
  const { scales, files: made } = await subtract(
    { particles: files.particles, reference: files.reference, mask: files.path("mask.mrc"), out: files.path("kept") },
    context,
  );
  expect(scales[0]!.scale).toBeCloseTo(1, 1);
  const run = await runScene({ ...files, particles: made.particles }, "focused", {
    stages: "local",
    initialResolutionA: 16,
    rotationsPerImage: 48,
    solventMask: files.path("mask.mrc"),
    maxRounds: 3,
  });
  const inside = (map: Float32Array) => map.map((value, i) => value * mask[i]!);
  const average = run.halfMaps[0].map((value, i) => 0.5 * (value + run.halfMaps[1][i]!));
  const fft = deviceFft3(device);
  const fsc = await fscOfMaps(inside(average), inside(scene.map), BOX, fft);
  // What was taken out is not there: beside the kept body lies noise only.
  const rest = twoBodies().map((value, i) => value * (1 - mask[i]!));
  const correlation = (map: Float32Array) => {
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    return dot(map, rest) / Math.sqrt(dot(map, map) * dot(rest, rest));
  };
  const errorDeg = medianErrorDeg(run);
  console.log(
    `focused: FSC with the kept body ${Array.from(fsc, (f) => f.toFixed(2)).join(" ")}, with what was taken ${correlation(average).toFixed(3)} (truth: ${correlation(scene.map).toFixed(2)}), poses off by ${errorDeg.toFixed(1)}°, mask ${run.result.maskName}`,
  );
  for (let s = 1; s <= 8; s++) expect(fsc[s]).toBeGreaterThan(0.9);
  expect(Math.abs(correlation(average))).toBeLessThan(0.1);
  expect(correlation(scene.map)).toBeGreaterThan(0.5);
  expect(run.result.maskName).toContain("mask.mrc");
});
