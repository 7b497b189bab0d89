import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { ctfInto } from "../../src/optics/ctf.ts";
import { BACKENDS, expectBackendsAgree, expectThreadsAgree, makeSignal, runOp, withDevice } from "./backends.ts";

// The rounding of the result to float32.
const CTF_TOLERANCE = 2e-7;

const boxPx = 36;
const band = makeBand(boxPx, 18);
const bandArrays = { bandKx: band.kx, bandKy: band.ky, bandShell: band.shell };

/** Rows of optics: defocusU Å, V Å, angle rad, V, Cs Å, amplitude contrast, phase shift rad, pixel size Å. */
function randomOptics(imageCount: number, seed: number): Float64Array {
  const random = makeSignal(8 * imageCount, seed);
  const middle = [12000, 11000, 0.7, 250e3, 2.7e7, 0.1, 0, 1.2];
  const width = [9000, 9000, 3, 50e3, 0.5e7, 0.05, 1.5, 0.5];
  return Float64Array.from(random, (r, i) => middle[i % 8]! + r * width[i % 8]!);
}

const call =
  (imageCount: number): Parameters<typeof runOp>[2] =>
  (device, b) =>
    device.ctf({
      boxPx,
      bandPixelCount: band.pixelCount,
      bandKx: b["bandKx"]!,
      bandKy: b["bandKy"]!,
      bandShell: b["bandShell"]!,
      imageCount,
      optics: b["optics"]!,
      out: b["out"]!,
    });

describe("ctf", () => {
  test("wrong shapes are refused at the door", async () => {
    await withDevice(BACKENDS[0]!.open, async (device) => {
      const [bandKx, bandKy, bandShell] = [band.kx, band.ky, band.shell].map((data) => device.upload(data));
      const args = {
        ...{ boxPx, bandPixelCount: band.pixelCount, imageCount: 2 },
        ...{ bandKx: bandKx!, bandKy: bandKy!, bandShell: bandShell! },
        optics: device.allocate("f64", 16),
        out: device.allocate("f32", 2 * band.pixelCount),
      };
      device.ctf(args);
      expect(() => device.ctf({ ...args, optics: device.allocate("f64", 15) })).toThrow(ShapeError);
      expect(() => device.ctf({ ...args, optics: device.allocate("f32", 16) })).toThrow(/optics: expected .* f64/);
      expect(() => device.ctf({ ...args, out: device.allocate("f32", 3) })).toThrow(ShapeError);
      expect(() => device.ctf({ ...args, boxPx: 35 })).toThrow(UsageError);
      expect(() => device.ctf({ ...args, imageCount: -1 })).toThrow(UsageError);
    });
  });

  test.each(BACKENDS)("$name: the CTF equals the closed form of optics/ctf", async ({ open }) => {
    const imageCount = 5;
    const optics = randomOptics(imageCount, 3);
    const out = new Float32Array(imageCount * band.pixelCount);
    const result = await runOp(open, { ...bandArrays, optics, out }, call(imageCount), ["out"]);
    for (let image = 0; image < imageCount; image++) {
      const [defocusUA, defocusVA, defocusAngleRad, voltageV, csA, amplitudeContrast, phaseShiftRad, pixelSizeA] =
        Array.from(optics.subarray(8 * image, 8 * image + 8)) as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ];
      const expected = ctfInto(new Float32Array(band.pixelCount), band, pixelSizeA, {
        defocusUA,
        defocusVA,
        defocusAngleRad,
        voltageKv: voltageV / 1e3,
        sphericalAberrationMm: csA / 1e7,
        amplitudeContrast,
        phaseShiftRad,
      });
      const row = (result.out as Float32Array).subarray(image * band.pixelCount, (image + 1) * band.pixelCount);
      // 1e-5: phases of up to 200 rad, and the two wavelength formulas differ in the 8th digit
      row.forEach((value, pixel) => {
        expect(Math.abs(value - expected[pixel]!)).toBeLessThan(1e-5);
      });
    }
  });

  test.each(BACKENDS)(
    "$name: at zero frequency it is the amplitude contrast, and it rises with underfocus",
    async ({ open }) => {
      const optics = Float64Array.of(15000, 15000, 0, 300e3, 2.7e7, 0.1, 0, 1.5);
      const out = new Float32Array(band.pixelCount);
      const { out: ctf } = await runOp(open, { ...bandArrays, optics, out }, call(1), ["out"]);
      expect(Number(ctf[0])).toBeCloseTo(0.1, 6);
      expect(Number(ctf[1])).toBeGreaterThan(0.1);
    },
  );

  test.each(BACKENDS)("$name: turning the astigmatism by half a turn changes nothing", async ({ open }) => {
    const angles = [0.4, 0.4 + Math.PI];
    const optics = Float64Array.from(angles.flatMap((angle) => [20000, 15000, angle, 200e3, 2e7, 0.07, 0.2, 1]));
    const out = new Float32Array(2 * band.pixelCount);
    const { out: ctf } = await runOp(open, { ...bandArrays, optics, out }, call(2), ["out"]);
    for (let i = 0; i < band.pixelCount; i++) expect(Number(ctf[i])).toBeCloseTo(Number(ctf[band.pixelCount + i]), 6);
  });

  test("the native kernels agree with the reference, whatever the number of threads", async () => {
    const arrays = { ...bandArrays, optics: randomOptics(7, 11), out: new Float32Array(7 * band.pixelCount) };
    await expectBackendsAgree(arrays, call(7), ["out"], CTF_TOLERANCE);
    await expectThreadsAgree(arrays, call(7), ["out"]);
  });
});
