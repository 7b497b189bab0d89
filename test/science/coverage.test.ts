import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { coverage, inside, report } from "../support/coverage.ts";
import { makeScene, type Scene } from "../support/scene.ts";

const COUNT = 500;

describe("a. Coverage: 500 images of the true map, uniform poses, shifts drawn from the prior", () => {
  let device: Device;
  let scene: Scene;
  beforeAll(async () => {
    device = openDevice();
    scene = await makeScene(device, { count: COUNT, snr: 0.3, seed: 11 });
  });
  afterAll(() => device.close());

  // 5 %: the two-sigma scatter of 500 images at 50 % is 4.5 %.
  test("the 50 % and 90 % credible regions hold the true pose and shift that often, unmasked", async () => {
    const c = await coverage(device, scene, null);
    report("unmasked", c);
    expect(Math.abs(inside(c, 0.5) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(inside(c, 0.9) - 0.9)).toBeLessThan(0.05);
  });

  test("… and behind a mask filled with noise", async () => {
    const c = await coverage(device, scene, { radiusPx: 13, edgePx: 3 });
    report("masked", c);
    expect(Math.abs(inside(c, 0.5) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(inside(c, 0.9) - 0.9)).toBeLessThan(0.05);
  });

  test("… and for images so faint that many posteriors have several modes", async () => {
    const faint = await makeScene(device, { count: COUNT, snr: 0.1, seed: 12 });
    // Some of the modes are lost: both tails fill a little. With 384 rotations less so.
    const usual = await coverage(device, faint, null);
    report("snr 0.1, usual points", usual);
    expect(Math.abs(inside(usual, 0.5) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(inside(usual, 0.9) - 0.9)).toBeLessThan(0.08);
    const wide = await coverage(device, faint, null, 1, 384);
    report("snr 0.1, 384 rotations", wide);
    expect(Math.abs(inside(wide, 0.5) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(inside(wide, 0.9) - 0.9)).toBeLessThan(0.05);
  });

  test("a noise variance twice too large, or half of the true one, is noticed", async () => {
    const large = await coverage(device, scene, null, 2);
    report("sigma2 x 2", large);
    expect(inside(large, 0.5)).toBeGreaterThan(0.58);
    const small = await coverage(device, scene, null, 0.5);
    report("sigma2 / 2", small);
    expect(inside(small, 0.5)).toBeLessThan(0.42);
  });
});
