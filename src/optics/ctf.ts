/**
 * Contrast transfer function in closed form, from a quadratic form in (kx, ky): no angle is ever computed.
 *
 * CTF(k) = -√(1 - A²) sin χ + A cos χ = -sin(χ - asin A), χ = -π λ z s² + (π/2) Cs λ³ s⁴ - φ, with z the defocus along
 * the direction of k. Positive near DC for underfocus (protein bright); docs/conventions.md.
 * Source: Mindell & Grigorieff 2003, J. Struct. Biol. 142, 334; cos 2(θ - θ₀) is written out by the double angle.
 */

import { expectFinite, expectLength, expectPositive, expectRange } from "../core/checks.ts";
import type { Optics } from "./optics.ts";
import { electronWavelengthA } from "./wavelength.ts";

const MM_TO_A = 1e7;

/** Numbers per particle in an array of CTF coefficients. */
export const CTF_COEFFICIENT_COUNT = 5;

/**
 * The five numbers that make an image's CTF, for k in pixels of the transform of a boxPx image:
 *
 *     CTF(kx, ky) = sin(c₀ kx² + c₁ kx ky + c₂ ky² + c₃ (kx² + ky²)² + c₄)
 *
 * @param out  [≥ offset + 5]
 * @param defocusScale  multiplies both defoci; 1 for the stored values
 */
export function ctfCoefficientsInto(
  out: Float64Array | Float32Array,
  offset: number,
  boxPx: number,
  pixelSizeA: number,
  optics: Optics,
  defocusScale = 1,
): void {
  expectPositive("ctf: boxPx", boxPx);
  expectPositive("ctf: pixelSizeA", pixelSizeA);
  expectRange("ctf: amplitudeContrast", optics.amplitudeContrast, 0, 1);
  for (const name of ["defocusUA", "defocusVA", "defocusAngleRad", "sphericalAberrationMm", "phaseShiftRad"] as const) {
    expectFinite(`ctf: ${name}`, optics[name]);
  }
  const wavelengthA = electronWavelengthA(optics.voltageKv);
  const perPixelInvA = 1 / (boxPx * pixelSizeA);
  const scale = Math.PI * wavelengthA * defocusScale * perPixelInvA ** 2;
  const mean = (optics.defocusUA + optics.defocusVA) / 2;
  const half = (optics.defocusUA - optics.defocusVA) / 2;
  const cosine = Math.cos(2 * optics.defocusAngleRad);
  const sine = Math.sin(2 * optics.defocusAngleRad);
  out[offset] = scale * (mean + half * cosine);
  out[offset + 1] = scale * 2 * half * sine;
  out[offset + 2] = scale * (mean - half * cosine);
  out[offset + 3] = -(Math.PI / 2) * optics.sphericalAberrationMm * MM_TO_A * wavelengthA ** 3 * perPixelInvA ** 4;
  out[offset + 4] = optics.phaseShiftRad + Math.asin(optics.amplitudeContrast);
}

/** CTF at (kx, ky) in pixels of the transform, from the five coefficients. */
export function ctfAt(coefficients: ArrayLike<number>, offset: number, kx: number, ky: number): number {
  const radiusSquared = kx * kx + ky * ky;
  return Math.sin(
    coefficients[offset]! * kx * kx +
      coefficients[offset + 1]! * kx * ky +
      coefficients[offset + 2]! * ky * ky +
      coefficients[offset + 3]! * radiusSquared * radiusSquared +
      coefficients[offset + 4]!,
  );
}

/** The pixels at which an image's CTF is wanted, for example a `Band`. */
export interface FrequencyList {
  readonly boxPx: number;
  /** Signed frequency indices, pixels of the transform of a boxPx image. */
  readonly kx: Int32Array;
  readonly ky: Int32Array;
}

/**
 * CTF of one image on a list of frequencies.
 *
 * @param out  [frequencies.kx.length], overwritten
 * @param pixelSizeA  Å per pixel of the boxPx image
 * @returns out
 */
export function ctfInto(
  out: Float32Array,
  frequencies: FrequencyList,
  pixelSizeA: number,
  optics: Optics,
  defocusScale = 1,
): Float32Array {
  expectLength("ctf: out", out, frequencies.kx.length);
  const coefficients = new Float64Array(CTF_COEFFICIENT_COUNT);
  ctfCoefficientsInto(coefficients, 0, frequencies.boxPx, pixelSizeA, optics, defocusScale);
  for (let pixel = 0; pixel < out.length; pixel++) {
    out[pixel] = ctfAt(coefficients, 0, frequencies.kx[pixel]!, frequencies.ky[pixel]!);
  }
  return out;
}

/** [boxPx × (floor(boxPx/2) + 1)] CTF on the half-complex transform of one image, ky wrapped; fresh array. */
export function makeCtfImage(boxPx: number, pixelSizeA: number, optics: Optics): Float32Array {
  const rowLength = Math.floor(boxPx / 2) + 1;
  const coefficients = new Float64Array(CTF_COEFFICIENT_COUNT);
  ctfCoefficientsInto(coefficients, 0, boxPx, pixelSizeA, optics);
  return Float32Array.from({ length: boxPx * rowLength }, (_, pixel) => {
    const row = Math.floor(pixel / rowLength);
    return ctfAt(coefficients, 0, pixel % rowLength, row < (boxPx + 1) >> 1 ? row : row - boxPx);
  });
}
