import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { makeBand } from "../../src/geometry/band.ts";
import {
  BACKENDS,
  expectBackendsAgree,
  makeSignal,
  NATIVE_BACKENDS,
  relativeError,
  runOp,
  withDevice,
} from "./backends.ts";

const boxPx = 24;
const band = makeBand(boxPx, 12);
const bandArrays = { bandKx: band.kx, bandKy: band.ky, bandShell: band.shell };
const unit = new Float32Array(2 * band.pixelCount).fill(1, 0, band.pixelCount);

const call =
  (imageCount: number, inBoxPx: number, matrix: readonly number[], ctfFloor = 0): Parameters<typeof runOp>[2] =>
  (device, b) => {
    const { bandKx, bandKy, bandShell, pixels, factor, ctf, out } = b as Required<typeof b>;
    device.conformImages({
      ...{ boxPx, bandPixelCount: band.pixelCount, bandKx: bandKx!, bandKy: bandKy!, bandShell: bandShell! },
      ...{ imageCount, inBoxPx, matrix, ctfFloor, pixels: pixels!, factor: factor!, out: out! },
      ...(ctf ? { ctf } : {}),
    });
  };

/** A Gaussian of sd 1.5 px about (x, y) px from the centre. */
function blob(n: number, x: number, y: number, sd = 1.5): Float32Array {
  return Float32Array.from({ length: n * n }, (_, i) => {
    const dx = (i % n) - n / 2 - x;
    const dy = Math.floor(i / n) - n / 2 - y;
    return Math.exp(-(dx * dx + dy * dy) / (2 * sd * sd));
  });
}

function centroid(image: Float32Array, n: number): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    sum += value;
    x += value * ((i % n) - n / 2);
    y += value * (Math.floor(i / n) - n / 2);
  });
  return [x / sum, y / sum];
}

describe("conformImages", () => {
  test("wrong shapes are refused at the door", async () => {
    await withDevice(BACKENDS[0]!.open, async (device) => {
      const arrays = { ...bandArrays, pixels: blob(20, 0, 0), factor: unit, out: new Float32Array(boxPx ** 2) };
      const buffers = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, device.upload(data)]));
      expect(() => call(1, 20, [1, 0, 0])(device, buffers)).toThrow(ShapeError);
      expect(() => call(2, 20, [1, 0, 0, 1])(device, buffers)).toThrow(/pixels/);
      expect(() => call(1, 21, [1, 0, 0, 1])(device, buffers)).toThrow(/inBoxPx/);
    });
  });

  test.each(BACKENDS)("$name: the identity leaves an image within its band alone", async ({ open }) => {
    const pixels = blob(boxPx, 2.3, -3.7);
    const arrays = { ...bandArrays, pixels, factor: unit, out: new Float32Array(boxPx ** 2) };
    const { out } = await runOp(open, arrays, call(1, boxPx, [1, 0, 0, 1]), ["out"]);
    // 1e-4: the Gaussian beyond the last shell.
    expect(relativeError(out, pixels)).toBeLessThan(1e-4);
  });

  test.each(BACKENDS)("$name: X(k) = in(A k) moves a point at d to Aᵀ d", async ({ open }) => {
    const [xx, xy, yx, yy] = [1.04, 0.03, -0.02, 0.97];
    const arrays = { ...bandArrays, pixels: blob(boxPx, 4, -3), factor: unit, out: new Float32Array(boxPx ** 2) };
    const { out } = await runOp(open, arrays, call(1, boxPx, [xx, xy, yx, yy]), ["out"]);
    const [x, y] = centroid(out as Float32Array, boxPx);
    expect(x).toBeCloseTo(xx * 4 + yx * -3, 2);
    expect(y).toBeCloseTo(xy * 4 + yy * -3, 2);
  });

  test.each(BACKENDS)(
    "$name: images of another box and pixel size come out as if made on the common grid",
    async ({ open }) => {
      // 30 px of 0.8 Å and 24 px of 1 Å: the same 24 Å.
      const arrays = {
        ...bandArrays,
        pixels: blob(30, 5, -2.5, 2.5),
        factor: unit.map((v) => 0.64 * v),
        out: new Float32Array(boxPx ** 2),
      };
      const { out } = await runOp(open, arrays, call(1, 30, [1, 0, 0, 1]), ["out"]);
      // The transform of 30² pixels has 1/0.64 of that of 24².
      expect(relativeError(out, blob(24, 4, -2, 2))).toBeLessThan(1e-3);
    },
  );

  test.each(BACKENDS)("$name: a factor e^−iφ and its conjugate undo each other", async ({ open }) => {
    const pixels = blob(boxPx, 1, 2);
    const phases = makeSignal(band.pixelCount, 5);
    phases[0] = 0;
    const turn = (sign: number) =>
      Float32Array.from([...phases.map((p) => Math.cos(p)), ...phases.map((p) => sign * Math.sin(p))]);
    const out = new Float32Array(boxPx ** 2);
    const once = await runOp(open, { ...bandArrays, pixels, factor: turn(-1), out }, call(1, boxPx, [1, 0, 0, 1]), [
      "out",
    ]);
    expect(relativeError(once.out, pixels)).toBeGreaterThan(0.1);
    const back = { ...bandArrays, pixels: once.out, factor: turn(1), out };
    const twice = await runOp(open, back, call(1, boxPx, [1, 0, 0, 1]), ["out"]);
    expect(relativeError(twice.out, pixels)).toBeLessThan(1e-4);
  });

  test.each(BACKENDS)("$name: dividing by the CTF stops at its floor", async ({ open }) => {
    const pixels = blob(boxPx, 0, 0);
    const arrays = { ...bandArrays, pixels, factor: unit, out: new Float32Array(boxPx ** 2) };
    const half = new Float32Array(band.pixelCount).fill(0.5);
    const small = new Float32Array(band.pixelCount).fill(-0.01);
    const { out: doubled } = await runOp(open, { ...arrays, ctf: half }, call(1, boxPx, [1, 0, 0, 1], 0.1), ["out"]);
    expect(
      relativeError(
        doubled,
        pixels.map((v) => 2 * v),
      ),
    ).toBeLessThan(1e-4);
    const { out: floored } = await runOp(open, { ...arrays, ctf: small }, call(1, boxPx, [1, 0, 0, 1], 0.1), ["out"]);
    expect(
      relativeError(
        floored,
        pixels.map((v) => -10 * v),
      ),
    ).toBeLessThan(1e-4);
  });

  test.skipIf(NATIVE_BACKENDS.length === 0)("interpolation is good to 1e-5 of the image for noise, too", async () => {
    const arrays = {
      ...bandArrays,
      pixels: makeSignal(2 * 26 * 26, 3),
      factor: makeSignal(2 * band.pixelCount, 4),
      out: new Float32Array(2 * boxPx ** 2),
    };
    await expectBackendsAgree(arrays, call(2, 26, [1.02, 0.05, -0.04, 0.93]), ["out"], 1e-5);
  });
});
