import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { makeSceneSpectrum } from "../support/image-phases.ts";
import { runScene } from "../support/run-scene.ts";
import { blobMap, makeScene } from "../support/scene.ts";
import { writeScene } from "../support/scene-files.ts";

const BOX = 32;
const PIXEL_A = 4;

describe("c. Noise is never resolved", () => {
  let device: Device;
  beforeAll(() => {
    device = openDevice();
  });
  afterAll(() => device.close());

  test("a stack of pure noise never reports better than the starting radius and two shells", async () => {
    const scene = await makeScene(device, { boxPx: BOX, pixelSizeA: PIXEL_A, count: 300, snr: 0, seed: 51 });
    const files = writeScene(scene, { reference: blobMap(BOX) });
    try {
      const initialResolutionA = 26;
      const run = await runScene(files, "run", { initialResolutionA, maxRounds: 4, maskDiameterA: 100 });
      const start = Math.max(4, Math.round((BOX * PIXEL_A) / initialResolutionA));
      const shells = run.rounds.map((round) => round["shell0143"]!);
      const reported = (BOX * PIXEL_A) / run.result.resolutionA;
      const good = run.rounds.map((round) => round["goodShare"]!.toFixed(2)).join(" ");
      console.log(
        `pure noise: start ${start}; FSC 0.143 by round at shells ${shells.map((s) => s.toFixed(1)).join(" ")}; ` +
          `reported ${reported.toFixed(1)} (unmasked ${((BOX * PIXEL_A) / run.result.unmaskedResolutionA).toFixed(1)}); p(good) ${good}`,
      );
      for (const shell of shells) expect(shell).toBeLessThanOrEqual(start + 2);
      expect(reported).toBeLessThanOrEqual(start + 2);
    } finally {
      files.remove();
    }
  });

  test("phases of the images randomised beyond 20 Å: the unmasked FSC there stays below 0.143", async () => {
    const scene = await makeScene(device, { boxPx: BOX, pixelSizeA: PIXEL_A, count: 300, snr: 0.5, seed: 52 });
    const lastTrueShell = Math.floor((BOX * PIXEL_A) / 20);
    const images = makeSceneSpectrum(scene).randomisedBeyond(lastTrueShell, 53);
    const files = writeScene(scene, { images });
    try {
      const run = await runScene(files, "run", { initialResolutionA: 30, maxRounds: 5, maskDiameterA: 100 });
      const beyond = run.fsc.slice(lastTrueShell + 2, BOX / 2);
      const radii = run.rounds.map((round) => round["radiusShell"]).join(" ");
      console.log(
        `randomised beyond shell ${lastTrueShell}: radii ${radii}; unmasked FSC ${run.fsc.map((f) => f.toFixed(3)).join(" ")}; ` +
          `reported ${run.result.resolutionA.toFixed(1)} Å`,
      );
      // The control: the search went beyond the randomised shells, and the true ones agree.
      expect(run.fsc[lastTrueShell - 1]).toBeGreaterThan(0.5);
      expect(Math.max(...run.rounds.map((round) => round["radiusShell"]!))).toBeGreaterThan(lastTrueShell + 3);
      for (const [i, f] of beyond.entries()) expect(f, `shell ${lastTrueShell + 2 + i}`).toBeLessThan(0.143);
    } finally {
      files.remove();
    }
  });
});
