import { expect, test } from "vitest";
import { philox4x32, uniform01 } from "../../src/core/random.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { fourierBoxFor, fourierBoxIndex } from "../../src/geometry/fourier-box.ts";
import { quaternionToMatrixInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";
import { touchedVoxels } from "../../src/plan/touched-voxels.ts";

/** The estimate takes shells for continuous and cells for independent. */
const TOLERANCE = 0.12;
const SHELL = 16;

test.each([1, 4, 16, 64, 256])("voxels touched by %i slices of random views are as many as counted", (slices) => {
  const band = makeBand(2 * SHELL + 2, SHELL);
  const box = fourierBoxFor(SHELL, 2);
  const touched = new Set<number>();
  const words = new Uint32Array(4);
  const q = new Float64Array(4);
  const m = new Float64Array(9);
  for (let slice = 0; slice < slices; slice++) {
    philox4x32(words, 1, 2, slice, 0, 0, 0);
    uniformRotationInto(q, 0, uniform01(words[0]!), uniform01(words[1]!), uniform01(words[2]!));
    quaternionToMatrixInto(m, 0, q, 0);
    for (let pixel = 1; pixel < band.pixelCount; pixel++) {
      const at = [0, 3, 6].map((row) => 2 * (m[row]! * band.kx[pixel]! + m[row + 1]! * band.ky[pixel]!));
      const sign = at[0]! < 0 ? -1 : 1;
      const [x, y, z] = at.map((v) => Math.floor(sign * v)) as [number, number, number];
      for (let corner = 0; corner < 8; corner++) {
        touched.add(fourierBoxIndex(box, x + (corner & 1), y + ((corner >> 1) & 1), z + (corner >> 2)));
      }
    }
  }
  const estimate = touchedVoxels({
    images: slices,
    rotationsPerImage: 1,
    cloudRad: 0,
    maxShell: SHELL,
    paddingFactor: 2,
  });
  expect(Math.abs(estimate / touched.size - 1)).toBeLessThan(TOLERANCE);
});

test("a cloud touches more than its best orientation and no more than all of its orientations apart", () => {
  const at = (rotationsPerImage: number, cloudRad: number, images = 10) =>
    touchedVoxels({ images, rotationsPerImage, cloudRad, maxShell: 30, paddingFactor: 2 });
  expect(at(96, 0.02)).toBeGreaterThan(at(1, 0));
  expect(at(4, 1)).toBeLessThanOrEqual(at(1, 0, 40) + 1);
});
