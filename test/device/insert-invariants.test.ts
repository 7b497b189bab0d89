import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { HostArray } from "../../src/device/buffer.ts";
import { openDevice } from "../../src/device/open.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, bytesOf, expectThreadsAgree, runOp } from "./backends.ts";
import {
  FORWARD_SCALE,
  insertArgs,
  inserted,
  PADDING,
  plainScene,
  WEIGHT_SCALE,
  withAccumulator,
} from "./insert-scene.ts";
import { makePointScene, type PointScene, pointSceneArgs } from "./point-scene.ts";

// Float32 volume, projection and images of about 1,000 pixels, summed in float64.
const ADJOINT_TOLERANCE = 1e-5;

describe.each(BACKENDS)("insert on $name", (backend) => {
  test("trilinear weights sum to 1: ΣT is the sum of the pixels' weights", async () => {
    const scene = makePointScene();
    const accumulator = await inserted(backend, scene);
    let sum = 0;
    for (let i = 2; i < accumulator.length; i += 3) sum += Number(accumulator[i]) / WEIGHT_SCALE;
    expect(sum / expectedWeight(scene)).toBeCloseTo(1, 6);
  });

  test("inserting is the adjoint of projecting: Re⟨project(V), Y⟩ over the pixels = Re⟨V, insert(Y)⟩ over the stored voxels", async () => {
    const scene = plainScene([0.5, -0.1, 0.7, 0.5]);
    const { box, arrays } = withAccumulator(scene);
    const volume = makeNormals(2 * box.voxelCount, 41);
    const projections = new Float32Array(2 * scene.band.pixelCount);
    const results = await runOp(
      backend.open,
      { ...arrays, volume, projections },
      (device, buffers) => {
        device.insert(insertArgs(scene, buffers, box.radiusPx));
        device.project({
          ...pointSceneArgs(scene, buffers),
          volume: buffers["volume"]!,
          volumeRadiusPx: box.radiusPx,
          paddingFactor: PADDING,
          maxShell: scene.band.maxShell,
          rotationCount: 1,
          firstPixel: 0,
          pixelCount: scene.band.pixelCount,
          layout: "planes",
          out: buffers["projections"]!,
        });
      },
      ["accumulator", "projections"],
    );
    const images = (scene.arrays["images"] as Float32Array).subarray(2 * scene.band.pixelCount);
    const inImages = inner(results.projections as Float32Array, images);
    const forward = Float64Array.from({ length: 2 * box.voxelCount }, (_, i) => {
      return Number(results.accumulator[3 * (i >> 1) + (i & 1)]) / FORWARD_SCALE;
    });
    const norm = Math.sqrt(inner(images, images) * inner(volume, volume));
    expect(Math.abs(inner(volume, forward) - inImages) / norm).toBeLessThan(ADJOINT_TOLERANCE);
    expect(Math.abs(inImages) / norm).toBeGreaterThan(100 * ADJOINT_TOLERANCE);
  });

  test("images in two calls, in another order, give the same bytes as in one", async () => {
    const scene = makePointScene({ activeCount: 4 });
    const whole = await inserted(backend, scene);
    const { box, arrays } = withAccumulator(scene);
    const perRow = { rotations: 4 * 3, shiftsPx: 2 * 3 * 2, weights: 3 * 2, active: 1 };
    const rows = Object.fromEntries(
      Object.entries(perRow).map(([name, length]) => [name, { length, array: scene.arrays[name]! }]),
    );
    const { accumulator } = await runOp(
      backend.open,
      arrays,
      (device, buffers) => {
        for (const [first, end] of [
          [3, 4],
          [0, 3],
        ] as const) {
          const cut = Object.fromEntries(
            Object.entries(rows).map(([name, { length, array }]) => [
              name,
              device.upload(array.slice(first * length, end * length) as HostArray),
            ]),
          );
          device.insert({ ...insertArgs(scene, { ...buffers, ...cut }, box.radiusPx), activeCount: end - first });
        }
      },
      ["accumulator"],
    );
    expect(bytesOf(accumulator).equals(bytesOf(whole))).toBe(true);
  });
});

test("native insert gives the same bytes for any number of threads, over several batches of slices", async () => {
  // 1,500 pixels per slice: 16 MiB hold about 670 of the 800 slices.
  const shape = {
    boxPx: 64,
    maxShell: 31,
    shellCount: 32,
    activeCount: 4,
    rotationsPerImage: 200,
    shiftsPerRotation: 1,
  };
  const scene = makePointScene(shape);
  const hashes: string[] = [];
  for (const threads of [1, 2, 3]) {
    const backend = { name: "", kind: "cpu", open: () => openDevice({ kind: "cpu", threads }) } as const;
    const accumulator = await inserted(backend, scene);
    hashes.push(createHash("sha256").update(bytesOf(accumulator)).digest("hex"));
  }
  expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
});

test("native insert gives the same bytes for any number of threads on every instruction set", async () => {
  const scene = makePointScene();
  const { box, arrays } = withAccumulator(scene);
  await expectThreadsAgree(arrays, (device, buffers) => device.insert(insertArgs(scene, buffers, box.radiusPx)), [
    "accumulator",
  ]);
});

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Σ u w (scale C)² / σ² over images, points and pixels. */
function expectedWeight(scene: PointScene): number {
  const { band } = scene;
  const at = (name: string, index: number): number => Number(scene.arrays[name]![index]);
  let sum = 0;
  for (let row = 0; row < scene.activeCount; row++) {
    const image = at("active", row);
    const points = scene.rotationsPerImage * scene.shiftsPerRotation;
    let weight = 0;
    for (let i = 0; i < points; i++) weight += at("weights", row * points + i);
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      if (band.shell[pixel]! >= scene.shellCount) continue;
      const c = at("scale", image) * at("ctf", image * band.pixelCount + pixel);
      const inverse = at("inverseSigma2", at("group", image) * scene.shellCount + band.shell[pixel]!);
      sum += at("imageWeight", image) * weight * c * c * inverse;
    }
  }
  return sum;
}
