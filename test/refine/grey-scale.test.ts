import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { angleBetweenRad } from "../../src/geometry/quaternion.ts";
import { runScene, type SceneRun } from "../support/run-scene.ts";
import { makeScene, type Scene } from "../support/scene.ts";
import { type SceneFiles, writeScene } from "../support/scene-files.ts";

const COUNT = 60;
const OPTIONS = { initialResolutionA: 20, maxRounds: 1, rotationsPerImage: 48, keepCells: 48 } as const;
const DEG = 180 / Math.PI;

describe("d. Metamorphic, whole rounds: units do not matter", () => {
  let device: Device;
  let scene: Scene;
  let plain: SceneRun;
  const folders: SceneFiles[] = [];
  async function run(options: Parameters<typeof writeScene>[1]): Promise<SceneRun> {
    const files = writeScene(scene, options);
    folders.push(files);
    return runScene(files, "run", OPTIONS);
  }
  beforeAll(async () => {
    device = openDevice();
    scene = await makeScene(device, { count: COUNT, snr: 0.5, seed: 71 });
    plain = await run({});
  });
  afterAll(() => {
    device.close();
    for (const files of folders) files.remove();
  });

  test.each([1e6, 1e-6])("a reference multiplied by %f gives the same poses", async (factor) => {
    expectSamePoses(await run({ reference: scene.map.map((v) => v * factor) }), plain);
  });

  test("a reference of negative contrast is refused", async () => {
    await expect(run({ reference: scene.map.map((v) => -v) })).rejects.toThrow(/inverted/);
  });

  test("images multiplied by 1000 and set on a pedestal give the same poses", async () => {
    expectSamePoses(await run({ images: scene.images.map((v) => 1000 * v + 250) }), plain);
  });
});

/** Rounding may tip the resampling of single images, never those of most. */
function expectSamePoses(a: SceneRun, b: SceneRun): void {
  const moved = Array.from(
    { length: COUNT },
    (_, i) => DEG * angleBetweenRad(a.table.rotation, 4 * i, b.table.rotation, 4 * i),
  );
  moved.sort((x, y) => x - y);
  console.log(
    `poses moved: median ${moved[COUNT / 2]!.toExponential(1)}°, 90 % ${moved[Math.floor(0.9 * COUNT)]!.toExponential(1)}°`,
  );
  expect(moved[COUNT / 2]).toBeLessThan(0.05);
  expect(moved[Math.floor(0.9 * COUNT)]).toBeLessThan(2);
}
