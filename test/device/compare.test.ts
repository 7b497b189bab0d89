import { afterAll, describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { openDevice } from "../../src/device/open.ts";
import type { CompareArgs } from "../../src/device/ops/compare.ts";
import type { Device } from "../../src/device/types.ts";
import { bandPrefix, makeBand } from "../../src/geometry/band.ts";
import { makeArgs, makeScene, readState, type Scene, type State } from "./compare-scene.ts";

// Sums of up to 4,000 float32 terms whose partial sums reach some hundreds, in log-likelihood units.
const SCORE_TOLERANCE = 0.01;
const RELATIVE_TOLERANCE = 1e-4;

const devices: Device[] = [];
function open(options: Parameters<typeof openDevice>[0]): Device {
  const device = openDevice(options);
  devices.push(device);
  return device;
}
afterAll(() => {
  for (const device of devices) device.close();
});
const reference = open({ kind: "reference" });
const cpu = open({ kind: "cpu", threads: 1 });
const cpuTwo = open({ kind: "cpu", threads: 2 });
const cpuSse2 = open({ kind: "cpu", threads: 1, isa: "sse2" });

async function compare(device: Device, scene: Scene): Promise<State> {
  const args = makeArgs(device, scene);
  device.compare(args);
  return await readState(device, args);
}

/** The same slices in several calls. */
async function compareInBlocks(device: Device, scene: Scene, blockSlices: number): Promise<State> {
  const whole = makeArgs(device, scene);
  for (let first = 0; first < scene.sliceCount; first += blockSlices) {
    const block = makeArgs(device, scene, first, Math.min(blockSlices, scene.sliceCount - first));
    device.compare({ ...whole, slices: block.slices, sliceCount: block.sliceCount, firstSlice: first });
  }
  return await readState(device, whole);
}

const logEvidence = (state: State, image: number) =>
  state.evidence[2 * image]! + Math.log(state.evidence[2 * image + 1]!);

/** Kept slices of an image, best first. */
function kept(state: State, scene: Scene, image: number) {
  return Array.from({ length: scene.keepCount }, (_, i) => image * scene.keepCount + i)
    .map((i) => ({ score: state.topScore[i]!, slice: state.topSlice[i]!, shift: state.topShift[i]! }))
    .sort((a, b) => b.score - a.score || a.slice - b.slice);
}

function expectClose(actual: State, expected: State, scene: Scene): void {
  for (let image = 0; image < scene.imageCount; image++) {
    expect(Math.abs(logEvidence(actual, image) - logEvidence(expected, image))).toBeLessThan(SCORE_TOLERANCE);
    const [a, e] = [kept(actual, scene, image), kept(expected, scene, image)];
    expect(a.map(({ slice, shift }) => [slice, shift])).toEqual(e.map(({ slice, shift }) => [slice, shift]));
    a.forEach(({ score }, i) => {
      if (e[i]!.slice >= 0) expect(Math.abs(score - e[i]!.score)).toBeLessThan(SCORE_TOLERANCE);
    });
  }
  actual.profile.forEach((value, i) => {
    expect(Math.abs(value - expected.profile[i]!)).toBeLessThan(
      RELATIVE_TOLERANCE * (1 + Math.abs(expected.profile[i]!)),
    );
  });
}

const bytes = (state: State) =>
  Object.values(state).map((array: State["evidence"]) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("hex"),
  );

/** −½ Σ |X − scale·C·S·e^{−2πi k·t/N}|²/σ² + ½ Σ |X|²/σ², pixel by pixel in complex numbers. */
function logLikelihoodGain(scene: Scene, image: number, slice: number, t: number): number {
  const band = makeBand(scene.boxPx, scene.maxShell);
  const P = band.pixelCount;
  let sum = 0;
  for (let p = 1; p < bandPrefix(band, scene.usedShell); p++) {
    const phaseRad =
      (-2 * Math.PI * (band.kx[p]! * scene.shiftsPx[2 * t]! + band.ky[p]! * scene.shiftsPx[2 * t + 1]!)) / scene.boxPx;
    const factor = scene.scale[image]! * (scene.hasCtf ? scene.ctf[image * P + p]! : 1);
    const [re, im] = [scene.slices[2 * slice * P + p]!, scene.slices[(2 * slice + 1) * P + p]!];
    const modelRe = factor * (re * Math.cos(phaseRad) - im * Math.sin(phaseRad));
    const modelIm = factor * (re * Math.sin(phaseRad) + im * Math.cos(phaseRad));
    const [x, y] = [scene.images[2 * image * P + p]!, scene.images[(2 * image + 1) * P + p]!];
    const inverse = scene.inverseSigma2[scene.group[image]! * scene.shellCount + band.shell[p]!]!;
    sum += 0.5 * inverse * (x * x + y * y - (x - modelRe) ** 2 - (y - modelIm) ** 2);
  }
  return sum;
}

describe("wrong calls", () => {
  test.each([reference, cpu])("of $kind are refused before anything runs", (device) => {
    const args = makeArgs(device, makeScene());
    const wrong = (change: Partial<CompareArgs>) => () => device.compare({ ...args, ...change });
    const short = device.upload(new Float32Array(2));
    for (const name of ["images", "ctf", "slices", "shiftsPx", "logShiftPrior", "topScore", "scale"] as const) {
      expect(wrong({ [name]: short }), name).toThrow(ShapeError);
    }
    expect(wrong({ evidence: device.upload(new Float32Array(6)) })).toThrow(/evidence.*f64/);
    expect(wrong({ firstSlice: 8 })).toThrow(/multiple of 16/);
    expect(wrong({ shiftCount: 0 })).toThrow(UsageError);
    expect(wrong({ pixelCount: args.bandPixelCount + 1 })).toThrow(UsageError);
    expect(wrong({ profileScale: true })).toThrow(/profile/);
  });
});

describe.each([reference, cpu, cpuSse2])("compare on $description", (device) => {
  test.each([true, false])("finds the gain in log-likelihood of each pose over no signal (CTF: %s)", async (hasCtf) => {
    const scene = makeScene({ hasCtf, keepCount: 21, imageCount: 2 });
    const state = await compare(device, scene);
    for (let image = 0; image < scene.imageCount; image++) {
      const scores = new Map(kept(state, scene, image).map((pose) => [pose.slice, pose]));
      let total = 0;
      for (let slice = 0; slice < scene.sliceCount; slice++) {
        const values = Array.from(
          { length: scene.shiftCount },
          (_, t) => logLikelihoodGain(scene, image, slice, t) + scene.logShiftPrior[image * scene.shiftCount + t]!,
        );
        const score = Math.log(values.reduce((sum, v) => sum + Math.exp(v), 0));
        expect(Math.abs(scores.get(slice)!.score - score)).toBeLessThan(SCORE_TOLERANCE);
        expect(scores.get(slice)!.shift).toBe(values.indexOf(Math.max(...values)));
        total += Math.exp(score);
      }
      expect(logEvidence(state, image)).toBeCloseTo(Math.log(total), 2);
    }
  });

  test("profiles the grey scale out: equal scores for a reference of any contrast", async () => {
    const scene = makeScene({ profileScale: true });
    const plain = await compare(device, scene);
    for (const factor of [1e6, 1e-6]) {
      const scaled = await compare(device, { ...scene, slices: scene.slices.map((v) => v * factor) });
      for (let image = 0; image < scene.imageCount; image++) {
        expect(logEvidence(scaled, image)).toBeCloseTo(logEvidence(plain, image), 2);
        expect(kept(scaled, scene, image)[0]!.slice).toBe(kept(plain, scene, image)[0]!.slice);
        // cross / (2·norm) is the best grey scale
        const grey = (state: State) => state.profile[4 * image + 1]! / state.profile[4 * image + 2]!;
        expect((grey(scaled) * factor) / grey(plain)).toBeCloseTo(1, 3);
      }
    }
    const inverted = await compare(device, { ...scene, slices: scene.slices.map((v) => -v) });
    for (let image = 0; image < scene.imageCount; image++) {
      // What fits best upside down is what fitted best.
      expect(inverted.profile[4 * image + 3]).toBeCloseTo(plain.profile[4 * image]!, 2);
      expect(plain.profile[4 * image]).toBeGreaterThan(plain.profile[4 * image + 3]!);
    }
  });

  test("keeps the earlier of two equal slices", async () => {
    const scene = makeScene({ sliceCount: 40, keepCount: 3 });
    const P = scene.slices.length / 80;
    const slices = scene.slices.slice();
    for (let copy = 1; copy < 4; copy++) slices.copyWithin(20 * P * copy, 0, 20 * P);
    const same = { ...scene, slices };
    const state = await compare(device, same);
    for (let image = 0; image < 3; image++) {
      const [best, second, third] = kept(state, same, image);
      expect(second!.slice - best!.slice).toBe(10);
      expect(third!.slice - best!.slice).toBe(20);
    }
  });

  test("lets an image with NaN spoil its own evidence only", async () => {
    const scene = makeScene({ imageCount: 7 });
    const expected = await compare(device, scene);
    const images = scene.images.slice();
    images[(images.length / 7) * 3 + 5] = Number.NaN;
    for (const profileScale of [false, true]) {
      const state = await compare(device, { ...scene, images, profileScale });
      expect(Number.isNaN(state.evidence[7])).toBe(true);
      expect(kept(state, scene, 3).every(({ slice }) => slice === -1)).toBe(true);
      if (profileScale) continue;
      for (const image of [0, 1, 2, 4, 5, 6]) {
        expect(logEvidence(state, image)).toBe(logEvidence(expected, image));
        expect(kept(state, scene, image)).toEqual(kept(expected, scene, image));
      }
    }
  });
});

describe("the kernel", () => {
  test.each([
    { imageCount: 1, sliceCount: 5, shiftCount: 1, usedShell: 1, keepCount: 8 },
    { imageCount: 7, sliceCount: 37, shiftCount: 5, usedShell: 11, keepCount: 3 },
    { imageCount: 13, sliceCount: 64, shiftCount: 7, hasCtf: false, keepCount: 0 },
    { imageCount: 5, sliceCount: 48, shiftCount: 61, usedShell: 4, keepCount: 10 },
    { imageCount: 6, sliceCount: 33, shiftCount: 9, profileScale: true },
    { imageCount: 40, sliceCount: 16, shiftCount: 1, profileScale: true, usedShell: 3 },
  ])("agrees with the reference: %o", async (change) => {
    const scene = makeScene(change);
    const expected = await compare(reference, scene);
    expectClose(await compare(cpu, scene), expected, scene);
    expectClose(await compare(cpuSse2, scene), expected, scene);
  });

  test("is within 0.01 log-likelihood units of float64 at 2,000 pixels and a gain of hundreds", async () => {
    const scene = makeScene({ boxPx: 76, maxShell: 36, usedShell: 36, imageCount: 4, sliceCount: 20, signal: 0.5 });
    const expected = await compare(reference, scene);
    const largest = Math.max(...expected.topScore);
    expect(largest).toBeGreaterThan(200);
    const actual = await compare(cpu, scene);
    expectClose(actual, expected, scene);
  });

  test("writes the same bytes whatever the threads and however slices and images are cut", async () => {
    for (const profileScale of [false, true]) {
      const scene = makeScene({ imageCount: 29, sliceCount: 150, shiftCount: 7, keepCount: 12, profileScale });
      const whole = bytes(await compare(cpu, scene));
      expect(bytes(await compare(cpuTwo, scene))).toEqual(whole);
      expect(bytes(await compareInBlocks(cpu, scene, 16))).toEqual(whole);
      expect(bytes(await compareInBlocks(cpuTwo, scene, 64))).toEqual(whole);
      const one = makeArgs(cpu, scene);
      cpu.compare({ ...one, imageCount: 10 });
      const first = await readState(cpu, one);
      expect(bytes(first)[0]!.slice(0, 320)).toBe(whole[0]!.slice(0, 320));
      expect(bytes(first)[2]!.slice(0, 960)).toBe(whole[2]!.slice(0, 960));
    }
  });
});
