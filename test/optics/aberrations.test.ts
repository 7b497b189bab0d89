import { expect, test } from "vitest";
import { evenPhaseRad, invert2, NO_ABERRATIONS, oddPhaseRad } from "../../src/optics/aberrations.ts";
import { changedDefocus } from "../../src/optics/astigmatism.ts";
import { ctfAt, ctfCoefficientsInto } from "../../src/optics/ctf.ts";
import { zernikeAt, zernikeTerms } from "../../src/optics/zernike.ts";

const BOX = 32;
const PIXEL_A = 2;
const PER_PIXEL = 1 / (BOX * PIXEL_A);
const scope = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
const optics = { ...scope, defocusUA: 12000, defocusVA: 11000, defocusAngleRad: Math.PI / 6, phaseShiftRad: 0 };
const EVEN = [0.3, -5, 7, 11, -40, 30, 60, -25, 20];
const MAGNIFICATION = [1.05, 0.02, -0.03, 0.96] as const;
/** The digits that the tables are printed with, and the floats they come from. */
const PRINTED = 2e-5;

// `relion_project --ctf` (RELION 3.1.3) of a bright voxel at the centre of 32³ at 2 Å/px, its transform divided by the voxel:
// kx, ky; CTF with the even Zernike terms EVEN; with those and the matrix MAGNIFICATION; with that matrix, rlnCtfBfactor 50
// and rlnCtfScalefactor 0.7.
const RELION_CTF = [
  [0, 0, -0.20576, -0.20576, 0.07],
  [4, 0, 0.79006, 0.95745, -0.05184],
  [0, 4, 0.99375, 0.90656, 0.34148],
  [4, 3, -0.80928, -0.87453, -0.64648],
  [4, -3, 0.45933, 0.2276, -0.63105],
  [9, 2, -0.36024, 0.95643, -0.40396],
  [3, 10, 0.33694, 0.77772, -0.47404],
  [3, -10, -0.58451, -0.78611, -0.49454],
  [12, 5, -0.24353, -0.51498, 0.27634],
] as const;

function ctfWith(kx: number, ky: number, even: readonly number[], bFactorA2 = 0, ctfScale = 1): number {
  const coefficients = new Float64Array(5);
  ctfCoefficientsInto(coefficients, 0, BOX, PIXEL_A, optics);
  coefficients[4]! -= evenPhaseRad({ ...NO_ABERRATIONS, evenZernike: even }, kx * PER_PIXEL, ky * PER_PIXEL);
  const damping = ctfScale * Math.exp((-bFactorA2 * (kx * kx + ky * ky) * PER_PIXEL ** 2) / 4);
  return damping * ctfAt(coefficients, 0, kx, ky);
}

test.each(RELION_CTF)(
  "the CTF at (%i, %i) is RELION's with Zernike terms, magnification, B-factor, scale",
  (kx, ky, ...theirs) => {
    const [xx, xy, yx, yy] = MAGNIFICATION;
    const p = [xx * kx + xy * ky, yx * kx + yy * ky] as const;
    expect(Math.abs(ctfWith(kx, ky, EVEN) - theirs[0])).toBeLessThan(PRINTED);
    expect(Math.abs(ctfWith(...p, EVEN) - theirs[1])).toBeLessThan(PRINTED);
    expect(Math.abs(ctfWith(...p, [], 50, 0.7) - theirs[2])).toBeLessThan(PRINTED);
  },
);

// `relion_reconstruct --ctf --write_debug_output` (3.1.3) of one image: the phase that what it inserts has over that of the same
// image without aberrations. Beam tilt (2, −1.5) mrad with the odd Zernike terms ODD; then Z_3^−1 and Z_3^1 alone (4 each).
const ODD = [0.4, -0.7, 6, 0, 0, -9];
const RELION_PHASES = [
  [4, 0, 0.07805],
  [0, 4, -0.04762],
  [4, 3, 0.04276],
  [4, -3, 0.14205],
  [9, 2, 0.41613],
  [3, 10, -0.28902],
  [3, -10, 0.6228],
  [12, 5, 0.78131],
] as const;

test.each(RELION_PHASES)("at (%i, %i) RELION inserts the image times e^−iφ", (kx, ky, phaseRad) => {
  const aberrations = { ...NO_ABERRATIONS, beamTiltXMrad: 2, beamTiltYMrad: -1.5, oddZernike: ODD };
  expect(-oddPhaseRad(aberrations, scope, kx * PER_PIXEL, ky * PER_PIXEL)).toBeCloseTo(phaseRad, 4);
});

test("coma terms given as Zernike coefficients have RELION's phases", () => {
  const coma = (oddZernike: number[]) =>
    -oddPhaseRad({ ...NO_ABERRATIONS, oddZernike }, scope, 9 * PER_PIXEL, 2 * PER_PIXEL);
  expect(coma([0, 0, 0, 4])).toBeCloseTo(0.24222, 4);
  expect(coma([0, 0, 0, 0, 4])).toBeCloseTo(1.08998, 4);
});

test("1 mrad of beam tilt at 300 kV and 2.7 mm is 3.8° at 10 Å and 59° at 4 Å", () => {
  const degrees = (resolutionA: number) =>
    (-oddPhaseRad({ ...NO_ABERRATIONS, beamTiltXMrad: 1 }, scope, 1 / resolutionA, 0) * 180) / Math.PI;
  expect(degrees(10)).toBeCloseTo(3.77, 2);
  expect(degrees(4)).toBeCloseTo(58.9, 1);
});

test("Zernike polynomials are those of the table, in RELION's order", () => {
  const [x, y] = [0.3, -0.5];
  const r2 = x * x + y * y;
  const odd = [y, x, 3 * x * x * y - y ** 3, (3 * r2 - 2) * y, (3 * r2 - 2) * x, x ** 3 - 3 * x * y * y];
  const even = [1, 2 * x * y, 2 * r2 - 1, x * x - y * y, 4 * x * y * (x * x - y * y), (4 * r2 - 3) * 2 * x * y];
  zernikeTerms(true, odd.length).forEach((term, i) => {
    expect(zernikeAt(term, x, y), `odd ${i}`).toBeCloseTo(odd[i]!, 12);
  });
  zernikeTerms(false, even.length).forEach((term, i) => {
    expect(zernikeAt(term, x, y), `even ${i}`).toBeCloseTo(even[i]!, 12);
  });
  expect(zernikeAt({ n: 4, m: 0 }, x, y)).toBeCloseTo(6 * r2 * r2 - 6 * r2 + 1, 12);
});

test("odd terms change sign with the frequency, even ones do not", () => {
  const all = { ...NO_ABERRATIONS, beamTiltXMrad: 1, oddZernike: [1, 2, 3, 4, 5, 6], evenZernike: EVEN };
  expect(oddPhaseRad(all, scope, -0.1, 0.07)).toBeCloseTo(-oddPhaseRad(all, scope, 0.1, -0.07), 12);
  expect(evenPhaseRad(all, -0.1, 0.07)).toBeCloseTo(evenPhaseRad(all, 0.1, -0.07), 12);
});

test("a matrix times its inverse is the identity", () => {
  const [a, b, c, d] = MAGNIFICATION;
  const [e, f, g, h] = invert2(MAGNIFICATION);
  [a * e + b * g - 1, a * f + b * h, c * e + d * g, c * f + d * h - 1].forEach((value) => {
    expect(value).toBeCloseTo(0, 12);
  });
});

test("defocus along every azimuth changes by the mean and the two components of astigmatism", () => {
  const along = (u: number, v: number, angle: number, azimuth: number) =>
    (u + v) / 2 + ((u - v) / 2) * Math.cos(2 * (azimuth - angle));
  const [u, v, angle] = changedDefocus(12000, 11000, 0.4, -150, [90, -60]);
  for (const azimuth of [0, 0.3, 1, 2]) {
    const expected = along(12000, 11000, 0.4, azimuth) - 150 + 90 * Math.cos(2 * azimuth) - 60 * Math.sin(2 * azimuth);
    expect(along(u, v, angle, azimuth)).toBeCloseTo(expected, 8);
  }
  expect(changedDefocus(12000, 11000, 3, 50, [0, 0])).toEqual([12050, 11050, 3]);
});
