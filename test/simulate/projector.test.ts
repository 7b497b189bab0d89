import { afterAll, describe, expect, test } from "vitest";
import { openDevice } from "../../src/device/open.ts";
import { quaternionToMatrixInto, uniformRotationInto } from "../../src/geometry/quaternion.ts";
import { blobDensityInto, blobProjectionInto } from "../../src/map/blob-density.ts";
import { makePhantom } from "../../src/map/phantom.ts";
import { Projector } from "../../src/simulate/projector.ts";

const boxPx = 32;
const pixelSizeA = 8;
/** Trilinear interpolation at padding 2 of a molecule that nearly fills the box. */
const RELATIVE_ERROR = 0.03;

describe("projections of the built-in molecule", () => {
  const device = openDevice({ kind: "reference" });
  afterAll(() => device.close());
  // Blurred so that nothing is left between the circle of frequencies that images hold and its square.
  const blobs = { ...makePhantom(), sigmaA: new Float64Array(makePhantom().count).fill(8) };
  const map = blobDensityInto(new Float32Array(boxPx ** 3), boxPx, pixelSizeA, blobs);

  test("agree with the closed form of the turned and shifted molecule", async () => {
    const projector = new Projector(device, map, boxPx, pixelSizeA);
    const count = 5;
    const rotations = new Float64Array(4 * count);
    const shiftsPx = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) {
      uniformRotationInto(rotations, 4 * i, (i + 0.3) / count, (i * 0.37) % 1, (i * 0.71) % 1);
      shiftsPx.set([1.3 * i - 2, 0.7 - 0.9 * i], 2 * i);
    }
    const images = await projector.makeImages({ count, rotations, shiftsPx, optics: null });
    projector.close();
    for (let i = 0; i < count; i++) {
      const matrix = new Float64Array(9);
      quaternionToMatrixInto(matrix, 0, rotations, 4 * i);
      const wanted = new Float32Array(boxPx * boxPx);
      blobProjectionInto(wanted, boxPx, pixelSizeA, blobs, matrix, shiftsPx[2 * i], shiftsPx[2 * i + 1]);
      expect(relativeError(images.subarray(i * boxPx ** 2, (i + 1) * boxPx ** 2), wanted)).toBeLessThan(RELATIVE_ERROR);
    }
  });
});

function relativeError(got: Float32Array, wanted: Float32Array): number {
  let difference = 0;
  let power = 0;
  got.forEach((value, i) => {
    difference += (value - wanted[i]!) ** 2;
    power += wanted[i]! ** 2;
  });
  return Math.sqrt(difference / power);
}
