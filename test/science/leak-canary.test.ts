import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { philox4x32, uniform01 } from "../../src/core/random.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { runScene } from "../support/run-scene.ts";
import { addGaussian, makeScene, project } from "../support/scene.ts";
import { writeScene } from "../support/scene-files.ts";

const BOX = 32;
const PIXEL_A = 4;
const BLOB_PX = [2, 11, 1] as const;
const BLOB_SD_PX = 1.6;
const ROUNDS = 3;

describe("b. Leak canary: a blob that only the images of half-set 2 show", () => {
  let device: Device;
  beforeAll(() => {
    device = openDevice();
  });
  afterAll(() => device.close());

  test("half map 1 shows nothing of it in any round; half map 2 does", async () => {
    const scene = await makeScene(device, { boxPx: BOX, pixelSizeA: PIXEL_A, count: 300, snr: 0.4, seed: 61 });
    const randomSubset = Uint8Array.from({ length: scene.count }, (_, i) => 1 + (i % 2));
    const blob = new Float32Array(BOX ** 3);
    addGaussian(
      blob,
      BOX,
      BLOB_PX,
      BLOB_SD_PX,
      scene.map.reduce((a, b) => Math.max(a, b), 0),
    );
    const added = await project(device, blob, BOX, PIXEL_A, scene.rotations, scene.shiftsPx, scene.optics);
    const images = scene.images.map((v, k) => (randomSubset[Math.floor(k / BOX ** 2)] === 2 ? v + added[k]! : v));
    // Nothing is joined: low shells of the references may cross by design.
    const options = { initialResolutionA: 30, maxRounds: ROUNDS, joinResolutionA: 0, halfSets: "file" } as const;
    const plainFiles = writeScene(scene, { randomSubset });
    const canaryFiles = writeScene(scene, { randomSubset, images });
    try {
      const plain = await runScene(plainFiles, "run", options);
      const canary = await runScene(canaryFiles, "run", options);
      const seen: string[] = [];
      const differences = (half: 1 | 2) => [
        ...Array.from({ length: ROUNDS }, (_, r) => [canary.referenceOf(r + 1, half), plain.referenceOf(r + 1, half)]),
        [canary.halfMaps[half - 1]!, plain.halfMaps[half - 1]!],
      ];
      const sds = ([1, 2] as const).map((half) =>
        differences(half).map(([a, b]) => blobSds(a!.map((v, k) => v - b![k]!))),
      );
      for (const half of [0, 1]) seen.push(`half ${half + 1}: ${sds[half]!.map((s) => s.toFixed(1)).join(" ")} sd`);
      console.log(`canary, rounds 1–${ROUNDS} and final: ${seen.join("; ")}`);
      for (const sd of sds[0]!) expect(Math.abs(sd)).toBeLessThan(3);
      for (const sd of sds[1]!) expect(sd).toBeGreaterThan(10);
    } finally {
      plainFiles.remove();
      canaryFiles.remove();
    }
  });
});

/** Density at the blob's place in standard deviations of that at other places as far out, and as far from it as can be told apart. */
function blobSds(map: Float32Array): number {
  const radius = Math.hypot(...BLOB_PX);
  const others: number[] = [];
  const words = new Uint32Array(4);
  for (let i = 0; others.length < 200; i++) {
    philox4x32(words, 7, 7, i, 0, 0, 0);
    const z = 2 * uniform01(words[0]!) - 1;
    const angleRad = 2 * Math.PI * uniform01(words[1]!);
    const ring = Math.sqrt(1 - z * z);
    const at = [radius * ring * Math.cos(angleRad), radius * ring * Math.sin(angleRad), radius * z] as const;
    if (Math.hypot(at[0] - BLOB_PX[0], at[1] - BLOB_PX[1], at[2] - BLOB_PX[2]) > 4 * BLOB_SD_PX) {
      others.push(densityAt(map, at));
    }
  }
  const mean = others.reduce((a, b) => a + b, 0) / others.length;
  const sd = Math.sqrt(others.reduce((a, b) => a + (b - mean) ** 2, 0) / others.length);
  return sd > 0 ? (densityAt(map, BLOB_PX) - mean) / sd : 0;
}

/** Mean density under the blob. */
function densityAt(map: Float32Array, centre: readonly [number, number, number]): number {
  const reach = Math.ceil(2 * BLOB_SD_PX);
  const middle = centre.map((c) => Math.round(c + BOX / 2)) as [number, number, number];
  let sum = 0;
  let weight = 0;
  for (let z = middle[2] - reach; z <= middle[2] + reach; z++) {
    for (let y = middle[1] - reach; y <= middle[1] + reach; y++) {
      for (let x = middle[0] - reach; x <= middle[0] + reach; x++) {
        if (Math.min(x, y, z) < 0 || Math.max(x, y, z) >= BOX) continue;
        const square = (x - BOX / 2 - centre[0]) ** 2 + (y - BOX / 2 - centre[1]) ** 2 + (z - BOX / 2 - centre[2]) ** 2;
        const w = Math.exp(-square / (2 * BLOB_SD_PX ** 2));
        sum += w * map[(z * BOX + y) * BOX + x]!;
        weight += w;
      }
    }
  }
  return sum / weight;
}
