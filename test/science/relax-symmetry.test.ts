import { afterAll, beforeAll, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { makePseudoScene, measurePseudo } from "../support/pseudo-scene.ts";
import { runScene } from "../support/run-scene.ts";

let device: Device;
beforeAll(() => {
  device = openDevice();
});
afterAll(() => device.close());

test("a ring that is symmetric to the last digit is not made odd: held-out particles gain nothing by it, no agreement of the half maps, and both are said", async () => {
  const data = await makePseudoScene(device, 0, { count: 400, seed: 51 });
  const options = { rotationsPerImage: 48, shiftsPerRotation: 2, initialResolutionA: 30 };
  try {
    const run = await runScene(data.files, "symmetric", {
      ...options,
      stages: "local",
      relaxSymmetry: "C4",
      maxRounds: 8,
    });
    const { evidenceGain, evidenceGainSd } = run.log.named("symmetry.relaxed")[0]!.fields as Record<string, number>;
    const warnings = run.log.named("warning").map((event) => String(event.fields["message"]));
    console.log(`gain ${evidenceGain!.toFixed(3)} ± ${evidenceGainSd!.toFixed(3)} per particle; ${warnings.join(" ")}`);
    expect(evidenceGain).toBeLessThan(2 * evidenceGainSd!);
    expect(run.result.relaxed).toEqual({ group: "C4", asymmetryResolutionA: null });
    expect(warnings.join(" ")).toContain("nothing tells the mates of C4 apart");
    expect(warnings.join(" ")).toContain("Do not interpret the map's asymmetry");
  } finally {
    data.files.remove();
  }
});

test.each([1, 2, 3, 4])("an odd subunit is found in one frame by both half-sets: seed %i", async (seed) => {
  const data = await makePseudoScene(device, 1, { count: 600, seed: 70 + seed });
  try {
    const run = await runScene(data.files, "odd", {
      stages: "local",
      relaxSymmetry: "C4",
      seed,
      initialResolutionA: 30,
      maxRounds: 12,
    });
    const found = await measurePseudo(device, data, run);
    console.log(
      `seed ${seed}: right mate ${found.rightShare.toFixed(3)}, of the half-sets ${found.halfShares.join(" ")}`,
    );
    expect(found.isOneFrame).toBe(true);
    expect(found.rightShare).toBeGreaterThan(0.85);
  } finally {
    data.files.remove();
  }
});
