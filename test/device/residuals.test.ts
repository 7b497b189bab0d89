import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import type { DeviceBuffer, HostArray } from "../../src/device/buffer.ts";
import type { ResidualsArgs } from "../../src/device/ops/residuals.ts";
import { sampleTrilinear } from "../../src/device/reference/trilinear.ts";
import { fourierBoxFor } from "../../src/geometry/fourier-box.ts";
import { quaternionToMatrixInto } from "../../src/geometry/quaternion.ts";
import { makeNormals } from "../support/normals.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, runOp, withDevice } from "./backends.ts";
import { makePointScene, type PointScene, pointSceneArgs } from "./point-scene.ts";

const PADDING = 2;
// Float32 projections and merged images; the sums are float64.
const TOLERANCE = 2e-6;

/** A scene with a random reference of `referenceShell` shells; the weights of each image sum to 1. */
function withReference(scene: PointScene, referenceShell = scene.band.maxShell) {
  const box = fourierBoxFor(referenceShell, PADDING);
  const points = scene.rotationsPerImage * scene.shiftsPerRotation;
  const weights = (scene.arrays["weights"] as Float32Array).slice();
  for (let row = 0; row < scene.activeCount; row++) {
    const mine = weights.subarray(row * points, (row + 1) * points);
    const sum = mine.reduce((total, w) => total + w, 0);
    for (let i = 0; i < points; i++) mine[i]! /= sum;
  }
  const arrays: Record<string, HostArray> = {
    ...scene.arrays,
    weights,
    volume: makeNormals(2 * box.voxelCount, 81),
    out: new Float64Array(3 * scene.activeCount * scene.shellCount).fill(9),
  };
  const args = (buffers: Readonly<Record<string, DeviceBuffer>>): ResidualsArgs => ({
    ...pointSceneArgs(scene, buffers),
    volume: buffers["volume"]!,
    volumeRadiusPx: box.radiusPx,
    paddingFactor: PADDING,
    maxShell: referenceShell,
    out: buffers["out"]!,
  });
  return { box, arrays, args, referenceShell };
}

/** Σ_points w Σ_k |X − M|², Σ w Σ Re conj(X) M / scale and Σ w Σ |M|² / scale², point by point as the definition says. */
function directSums(scene: PointScene, referenceShell: number, arrays: Record<string, HostArray>): Float64Array {
  const { band, shellCount } = scene;
  const box = fourierBoxFor(referenceShell, PADDING);
  const value = (name: string, index: number): number => Number(arrays[name]![index]);
  const out = new Float64Array(3 * scene.activeCount * shellCount);
  const matrix = new Float64Array(9);
  for (let row = 0; row < scene.activeCount; row++) {
    const image = value("active", row);
    const scale = value("scale", image);
    for (let m = 0; m < scene.rotationsPerImage; m++) {
      const point = row * scene.rotationsPerImage + m;
      const q = Float64Array.from({ length: 4 }, (_, c) => value("rotations", 4 * point + c));
      quaternionToMatrixInto(matrix, 0, q, 0);
      for (let t = point * scene.shiftsPerRotation; t < (point + 1) * scene.shiftsPerRotation; t++) {
        const w = value("weights", t);
        for (let pixel = 0; pixel < band.pixelCount; pixel++) {
          const shell = band.shell[pixel]!;
          if (shell >= shellCount) continue;
          const [kx, ky] = [band.kx[pixel]!, band.ky[pixel]!];
          const p = [0, 1, 2].map((i) => PADDING * (matrix[3 * i]! * kx + matrix[3 * i + 1]! * ky));
          const inReference = shell <= referenceShell;
          const s = inReference ? sampleTrilinear(box, arrays["volume"] as Float32Array, p[0]!, p[1]!, p[2]!) : [0, 0];
          const c = scene.hasCtf ? value("ctf", image * band.pixelCount + pixel) : 1;
          const phaseRad =
            (-2 * Math.PI * (kx * value("shiftsPx", 2 * t) + ky * value("shiftsPx", 2 * t + 1))) / scene.boxPx;
          const mRe = c * (s[0]! * Math.cos(phaseRad) - s[1]! * Math.sin(phaseRad));
          const mIm = c * (s[0]! * Math.sin(phaseRad) + s[1]! * Math.cos(phaseRad));
          const xRe = value("images", 2 * image * band.pixelCount + pixel);
          const xIm = value("images", (2 * image + 1) * band.pixelCount + pixel);
          const at = 3 * row * shellCount + shell;
          out[at]! += w * ((xRe - scale * mRe) ** 2 + (xIm - scale * mIm) ** 2);
          out[at + shellCount]! += w * (xRe * mRe + xIm * mIm);
          out[at + 2 * shellCount]! += w * (mRe * mRe + mIm * mIm);
        }
      }
    }
  }
  return out;
}

function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    error = Math.max(error, Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!)));
  }
  return error;
}

describe.each(BACKENDS)("residuals on $name", (backend) => {
  const run = async (scene: PointScene, change: Record<string, HostArray> = {}, referenceShell?: number) => {
    const { arrays, args } = withReference(scene, referenceShell);
    const { out } = await runOp(backend.open, { ...arrays, ...change }, (d, b) => d.residuals(args(b)), ["out"]);
    return out as Float64Array;
  };

  test("refuses a short output and a reference of another radius", async () => {
    const scene = makePointScene();
    const { arrays, args } = withReference(scene);
    await withDevice(backend.open, async (device) => {
      const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
      const good = args(buffers);
      expect(() => device.residuals({ ...good, shellCount: 40 })).toThrow(ShapeError);
      expect(() => device.residuals({ ...good, volumeRadiusPx: 30 })).toThrow(/residuals: volume/);
      expect(() => device.residuals({ ...good, weights: buffers["scale"]! })).toThrow(/residuals: weights/);
    });
  });

  test.each([
    ["with CTF", {}, undefined],
    ["without CTF, one shift", { hasCtf: false, shiftsPerRotation: 1, shellCount: 10 }, undefined],
    ["with a reference that ends before the band", { shellCount: 10 }, 6],
  ] as const)("the merged form equals the sum point by point, %s", async (_name, change, referenceShell) => {
    const scene = makePointScene(change);
    const out = await run(scene, {}, referenceShell);
    const shells = referenceShell ?? scene.band.maxShell;
    const { arrays } = withReference(scene, referenceShell);
    expect(largestError(out, directSums(scene, shells, arrays))).toBeLessThan(10 * TOLERANCE);
  });

  test("beyond the reference's shells the residual is the image's own power, cross and power 0", async () => {
    const scene = makePointScene({ shellCount: 10 });
    const out = await run(scene, {}, 5);
    const image = Number(scene.arrays["active"]![1]);
    for (let shell = 6; shell < 10; shell++) {
      let power = 0;
      for (let pixel = 0; pixel < scene.band.pixelCount; pixel++) {
        if (scene.band.shell[pixel] !== shell) continue;
        for (let plane = 0; plane < 2; plane++) {
          power += Number(scene.arrays["images"]![(2 * image + plane) * scene.band.pixelCount + pixel]) ** 2;
        }
      }
      expect(out[30 + shell]! / power).toBeCloseTo(1, 6);
      expect([out[30 + 10 + shell], out[30 + 20 + shell]]).toEqual([0, 0]);
    }
  });

  test("an image whose weights are all 0 gives zeros, whatever its pixels are", async () => {
    const scene = makePointScene();
    const images = (scene.arrays["images"] as Float32Array).slice().fill(Number.NaN);
    const weights = new Float32Array(scene.arrays["weights"]!.length);
    expect((await run(scene, { images, weights })).every((value) => value === 0)).toBe(true);
  });
});

test("native residuals agrees with the reference for odd counts and does not depend on the number of threads", async () => {
  for (const change of [{}, { hasCtf: false, boxPx: 26, maxShell: 12, shellCount: 13 }, { activeCount: 7 }]) {
    const { arrays, args } = withReference(makePointScene(change));
    await expectBackendsAgree(arrays, (d, b) => d.residuals(args(b)), ["out"], TOLERANCE);
    await expectThreadsAgree(arrays, (d, b) => d.residuals(args(b)), ["out"]);
  }
});
