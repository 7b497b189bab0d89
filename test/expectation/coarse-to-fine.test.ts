import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import { scanGlobally } from "../../src/expectation/scan.ts";
import { nearestShifts, scanCoarseToFine } from "../../src/expectation/scan-finer.ts";
import { makeShiftGrid } from "../../src/expectation/shift-grid.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { loadImageSet } from "../../src/particles/image-set.ts";
import { levelShells, makeScanLevels, SURVIVOR_MARGIN } from "../../src/refine/schedule.ts";
import { makeScene, memoryReader, sceneBand, sceneModel } from "../support/scene.ts";

// science.md section 4: mass discarded per image against brute force.
const LOST_MASS = 1e-3;

describe("a coarse-to-fine scan", () => {
  let device: Device;
  beforeAll(() => {
    device = openDevice({ kind: "cpu", threads: 2 });
  });
  afterAll(() => device.close());

  test.each([0.3, 1])(
    "at SNR %s keeps all but a thousandth of the mass that brute force over the finest grid finds",
    async (snr) => {
      const scene = await makeScene(device, { boxPx: 32, count: 40, snr });
      const { boxPx, pixelSizeA, shiftSigmaPx } = scene;
      const band = sceneBand(device, boxPx);
      const reference = makeReference(device, scene.map, boxPx, 2, 12);
      const particles = Int32Array.from({ length: scene.count }, (_, i) => i);
      const set = await loadImageSet(device, band, memoryReader(scene.images, boxPx), sceneModel(scene), particles, {
        half: 0,
        mask: null,
        isRecentred: false,
      });
      const levels = makeScanLevels({
        maxShell: 12,
        boxPx,
        pixelSizeA,
        diameterA: 0.7 * boxPx * pixelSizeA,
        shiftSigmaPx,
        group: pointGroup("C1"),
        seed: 3,
        round: 1,
      });
      const shared = { signal: new AbortController().signal, onProgress: () => {} };
      const fast = await scanCoarseToFine(device, set, band, reference, levels, {
        ...shared,
        survivorCount: 512,
        keepCount: 256,
        margin: SURVIVOR_MARGIN,
      });
      const whole = await scanGlobally(device, set, band, reference, fast.grid, {
        ...shared,
        keepCount: 256,
        profileScale: false,
      });
      const logEvidence = (e: Float64Array, i: number) => e[2 * i]! + Math.log(e[2 * i + 1]!);
      const lost = Array.from(
        particles,
        (i) => -Math.expm1(logEvidence(fast.scan.evidence, i) - logEvidence(whole.evidence, i)),
      ).sort((a, b) => a - b);
      expect(levels.finer.length).toBeGreaterThan(0);
      expect(lost[0]).toBeGreaterThan(-1e-3);
      expect(lost.at(-1)).toBeLessThan(LOST_MASS);
      set.free();
      reference.free();
      band.free();
    },
  );

  test("levels lie in equal ratios of at most one and a half", () => {
    expect(levelShells(6, 6)).toEqual([6]);
    expect(levelShells(6, 17)).toEqual([6, 8, 12, 17]);
    for (let finest = 7; finest < 60; finest++) {
      const shells = levelShells(6, finest);
      expect([shells[0], shells.at(-1)]).toEqual([6, finest]);
      shells.slice(1).forEach((shell, i) => {
        expect(shell / shells[i]!).toBeLessThan(1.6);
      });
    }
  });

  test("every shift of a grid is the nearest to itself", () => {
    const grid = makeShiftGrid(2, 1, 1);
    expect(Array.from(nearestShifts(grid, grid))).toEqual(Array.from({ length: grid.count }, (_, i) => i));
  });
});
