import { expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { coverage, inside, report } from "../support/coverage.ts";
import { makeScene } from "../support/scene.ts";

// Three standard deviations of 150 images: 12 % at 50 %, 7 % at 90 %. A noise variance twice too large gives 89 % and 100 %,
// one of half the truth 20 % and 51 %. The sharp version, of 500 images, is test/science/coverage.test.ts.
test("a. Coverage, in short: credible regions of 150 images hold the truth about as often as they say", async () => {
  const device = openDevice();
  try {
    const c = await coverage(device, await makeScene(device, { count: 150, snr: 0.3, seed: 13 }), {
      radiusPx: 13,
      edgePx: 3,
    });
    report("150 images", c);
    expect(Math.abs(inside(c, 0.5) - 0.5)).toBeLessThan(0.12);
    expect(Math.abs(inside(c, 0.9) - 0.9)).toBeLessThan(0.07);
  } finally {
    device.close();
  }
});
