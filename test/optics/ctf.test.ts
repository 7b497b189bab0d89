import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { makeBand, makeBandIndex } from "../../src/geometry/band.ts";
import { ctfAt, ctfCoefficientsInto, ctfInto, makeCtfImage } from "../../src/optics/ctf.ts";
import type { Optics } from "../../src/optics/optics.ts";
import { electronWavelengthA } from "../../src/optics/wavelength.ts";

const degrees = Math.PI / 180;
const base: Optics = {
  voltageKv: 300,
  sphericalAberrationMm: 2.7,
  amplitudeContrast: 0.1,
  defocusUA: 12000,
  defocusVA: 9000,
  defocusAngleRad: 35 * degrees,
  phaseShiftRad: 20 * degrees,
};
const other: Optics = {
  voltageKv: 200,
  sphericalAberrationMm: 2,
  amplitudeContrast: 0.07,
  defocusUA: 23000,
  defocusVA: 21500,
  defocusAngleRad: -70 * degrees,
  phaseShiftRad: 0,
};

// `relion_project --ctf` (RELION 3.1.3) of a single bright voxel at the centre of 32³ at 4 Å/px: the transform of its
// images divided by the voxel's value is the CTF itself. Columns: kx, ky, CTF of `base`, CTF of `other`.
const RELION_CTF = [
  [0, 0, 0.43428, 0.07],
  [1, 0, 0.47134, 0.17341],
  [0, 1, 0.46792, 0.17885],
  [3, 2, 0.86132, 0.98852],
  [3, -2, 0.7896, 0.99539],
  [5, 0, 0.99656, 0.45002],
  [0, 5, 0.98388, 0.32276],
  [7, 7, -0.9914, -0.77469],
  [7, -7, -0.61243, -0.97363],
  [12, 3, 0.74931, -0.14922],
  [3, 12, 0.31846, -0.78068],
  [3, -12, -0.42786, -0.94235],
  [10, -9, 0.37096, 0.77808],
] as const;

function ctfOf(optics: Optics, kx: number, ky: number, boxPx = 32, pixelSizeA = 4, defocusScale = 1): number {
  const coefficients = new Float64Array(5);
  ctfCoefficientsInto(coefficients, 0, boxPx, pixelSizeA, optics, defocusScale);
  return ctfAt(coefficients, 0, kx, ky);
}

/** The textbook form with an explicit angle. */
function textbookCtf(optics: Optics, kx: number, ky: number, boxPx: number, pixelSizeA: number): number {
  const wavelength = electronWavelengthA(optics.voltageKv);
  const s = Math.hypot(kx, ky) / (boxPx * pixelSizeA);
  const u = optics.defocusUA;
  const v = optics.defocusVA;
  const z = (u + v + (u - v) * Math.cos(2 * (Math.atan2(ky, kx) - optics.defocusAngleRad))) / 2;
  const cs = optics.sphericalAberrationMm * 1e7;
  const chi = -Math.PI * wavelength * z * s ** 2 + (Math.PI / 2) * cs * wavelength ** 3 * s ** 4 - optics.phaseShiftRad;
  const a = optics.amplitudeContrast;
  return -Math.sqrt(1 - a * a) * Math.sin(chi) + a * Math.cos(chi);
}

const anyOptics = fc.record({
  voltageKv: fc.constantFrom(100, 200, 300),
  sphericalAberrationMm: fc.double({ min: 0, max: 3, noNaN: true }),
  amplitudeContrast: fc.double({ min: 0, max: 1, noNaN: true }),
  defocusUA: fc.double({ min: -5000, max: 40000, noNaN: true }),
  defocusVA: fc.double({ min: -5000, max: 40000, noNaN: true }),
  defocusAngleRad: fc.double({ min: -4, max: 4, noNaN: true }),
  phaseShiftRad: fc.double({ min: -3, max: 3, noNaN: true }),
});
const frequency = fc.integer({ min: -32, max: 32 });

describe("the CTF", () => {
  test("an output of another length, a missing defocus and a contrast beyond 1 are refused", () => {
    const band = makeBand(16, 5);
    expect(() => ctfInto(new Float32Array(3), band, 1, base)).toThrow(ShapeError);
    const out = new Float32Array(band.pixelCount);
    expect(() => ctfInto(out, band, 1, { ...base, defocusUA: Number.NaN })).toThrow(/ctf: defocusUA/);
    expect(() => ctfInto(out, band, 1, { ...base, amplitudeContrast: 1.2 })).toThrow(UsageError);
    expect(() => ctfInto(out, band, 0, base)).toThrow(UsageError);
    expect(() => ctfInto(out, band, 1, { ...base, voltageKv: 0 })).toThrow(UsageError);
  });

  test("electrons of 100, 200 and 300 kV have the tabulated wavelengths", () => {
    expect(electronWavelengthA(100)).toBeCloseTo(0.0370146, 7);
    expect(electronWavelengthA(200)).toBeCloseTo(0.0250795, 7);
    expect(electronWavelengthA(300)).toBeCloseTo(0.0196876, 7);
  });

  test.each(RELION_CTF)("at (%i, %i) it is what RELION multiplies a projection by", (kx, ky, first, second) => {
    // 2e-5: the file holds floats of a peak of 1000 over 32² pixels.
    expect(Math.abs(ctfOf(base, kx, ky) - first)).toBeLessThan(2e-5);
    expect(Math.abs(ctfOf(other, kx, ky) - second)).toBeLessThan(2e-5);
  });

  test("the quadratic form equals the textbook formula with an explicit angle", () => {
    fc.assert(
      fc.property(anyOptics, frequency, frequency, (optics, kx, ky) => {
        // 1e-9: phases up to 1e3 rad in double precision.
        expect(ctfOf(optics, kx, ky, 64, 1.5)).toBeCloseTo(textbookCtf(optics, kx, ky, 64, 1.5), 9);
      }),
    );
  });

  test("a hand calculation: 10000 Å at 300 kV and 1/10 Å, without aberration or amplitude contrast", () => {
    const plain = { ...base, sphericalAberrationMm: 0, amplitudeContrast: 0, phaseShiftRad: 0 };
    const round = { ...plain, defocusUA: 10000, defocusVA: 10000 };
    // sin(π · 0.0196876 · 10000 · 0.01) = sin(6.185042) = -0.0979855
    expect(ctfOf(round, 10, 0, 100, 1)).toBeCloseTo(-0.0979855, 5);
  });

  test("underfocus makes it positive at low resolution, overfocus negative, and DC is the amplitude contrast", () => {
    const flat = { ...base, phaseShiftRad: 0 };
    expect(ctfOf(flat, 0, 0)).toBeCloseTo(0.1, 12);
    expect(ctfOf(flat, 3, 0)).toBeGreaterThan(0.3);
    expect(ctfOf({ ...flat, defocusUA: -12000, defocusVA: -9000 }, 3, 0)).toBeLessThan(-0.2);
  });

  test("astigmatism turned by 180°, or U and V swapped and turned by 90°, is the same astigmatism", () => {
    fc.assert(
      fc.property(anyOptics, frequency, frequency, (optics, kx, ky) => {
        const value = ctfOf(optics, kx, ky);
        const angle = optics.defocusAngleRad;
        expect(ctfOf({ ...optics, defocusAngleRad: angle + Math.PI }, kx, ky)).toBeCloseTo(value, 9);
        const swapped = { defocusUA: optics.defocusVA, defocusVA: optics.defocusUA };
        expect(ctfOf({ ...optics, ...swapped, defocusAngleRad: angle + Math.PI / 2 }, kx, ky)).toBeCloseTo(value, 9);
        expect(ctfOf(optics, -kx, -ky)).toBe(value);
      }),
    );
  });

  test("the defocus scale multiplies both defoci", () => {
    const scaled = { ...base, defocusUA: 12600, defocusVA: 9450 };
    expect(ctfOf(base, 5, -7, 32, 4, 1.05)).toBeCloseTo(ctfOf(scaled, 5, -7), 12);
  });

  test("the band and the half-complex image hold the same numbers", () => {
    const band = makeBand(32, 16);
    const index = makeBandIndex(band);
    const image = makeCtfImage(32, 4, base);
    const values = ctfInto(new Float32Array(band.pixelCount), band, 4, base);
    expect(image).toHaveLength(32 * 17);
    for (let pixel = 0; pixel < band.pixelCount; pixel++) expect(values[pixel]).toBe(image[index[pixel]!]);
  });
});
