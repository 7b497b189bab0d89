import { expect, test } from "vitest";
import { makeBand } from "../../src/geometry/band.ts";
import { NO_ABERRATIONS, oddPhaseRad } from "../../src/optics/aberrations.ts";
import { fitBeamTilt } from "../../src/optics/fit-beam-tilt.ts";
import { makeNormals } from "../support/normals.ts";

const band = makeBand(96, 46);
const perPixelInvA = 1 / (96 * 2);
const optics = { voltageKv: 300, sphericalAberrationMm: 2.7 };

/** Sums of a data set with this tilt, whose images all stand off by (2, −1) Å, with `weight` units of information per pixel. */
function sumsWith(tilt: readonly [number, number], weight: number, seed: number) {
  const noise = makeNormals(2 * band.pixelCount, seed);
  const weights = new Float64Array(band.pixelCount).fill(weight);
  const phases = Float64Array.from(band.kx, (kx, k) => {
    const [sx, sy] = [kx * perPixelInvA, band.ky[k]! * perPixelInvA];
    const aberrations = { ...NO_ABERRATIONS, beamTiltXMrad: tilt[0], beamTiltYMrad: tilt[1] };
    return oddPhaseRad(aberrations, optics, sx, sy) + 2 * Math.PI * 0.03 * (2 * sx - sy);
  });
  return {
    weight: weights,
    re: phases.map((phase, k) => weight * Math.cos(phase) + Math.sqrt(weight) * noise[2 * k]!),
    im: phases.map((phase, k) => weight * Math.sin(phase) + Math.sqrt(weight) * noise[2 * k + 1]!),
  };
}

test("the tilt in the phases is found, within the error that is stated", () => {
  const fit = fitBeamTilt(sumsWith([0.8, -0.5], 20, 1), band, perPixelInvA, optics);
  // Four standard errors.
  expect(Math.abs(fit.xMrad - 0.8)).toBeLessThan(4 * fit.xErrorMrad);
  expect(Math.abs(fit.yMrad + 0.5)).toBeLessThan(4 * fit.yErrorMrad);
  expect(fit.xErrorMrad).toBeLessThan(0.05);
});

test("sums that end before the band does are fitted by their own pixels", () => {
  const whole = sumsWith([0.8, -0.5], 20, 1);
  const end = band.shellStart[40]!;
  const part = { re: whole.re.slice(0, end), im: whole.im.slice(0, end), weight: whole.weight.slice(0, end) };
  const fit = fitBeamTilt(part, band, perPixelInvA, optics);
  expect(Math.abs(fit.xMrad - 0.8)).toBeLessThan(4 * fit.xErrorMrad);
  expect(Math.abs(fit.yMrad + 0.5)).toBeLessThan(4 * fit.yErrorMrad);
});

test("a tilt whose phases wrap at the finest shells is found", () => {
  // 5 mrad: 5.4 rad at the last shell, of which a displacement takes most.
  const fit = fitBeamTilt(sumsWith([5, -3], 2, 3), band, perPixelInvA, optics);
  expect(Math.abs(fit.xMrad - 5)).toBeLessThan(4 * fit.xErrorMrad);
  expect(Math.abs(fit.yMrad + 3)).toBeLessThan(4 * fit.yErrorMrad);
});

test("the stated error is the scatter over noise", () => {
  const fits = Array.from({ length: 40 }, (_, seed) =>
    fitBeamTilt(sumsWith([0.2, 0.1], 2, seed + 2), band, perPixelInvA, optics),
  );
  const scatter = Math.sqrt(fits.reduce((sum, fit) => sum + (fit.xMrad - 0.2) ** 2, 0) / fits.length);
  // 40 draws: 11 % each way, twice.
  expect(scatter / fits[0]!.xErrorMrad).toBeGreaterThan(0.75);
  expect(scatter / fits[0]!.xErrorMrad).toBeLessThan(1.3);
});
