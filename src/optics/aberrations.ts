/**
 * What a microscope does to all images of an optics group besides defocus and spherical aberration.
 *
 * An image of the specimen's transform S is X(k) = C(p) e^{iφ(p)} S(p), p = M k, k and p in 1/Å: M the magnification
 * matrix, φ the antisymmetric phase, C = sin(a(p) − ψ(p)) the CTF with its symmetric phase ψ taken off its argument a.
 *     φ(s) = Σ odd·Z(s) − 2π Cs λ² |s|² (τ·s),   ψ(s) = Σ even·Z(s),   τ the beam tilt in rad
 * Source: Zivanov, Nakane & Scheres 2020, IUCrJ 7, 253; signs measured on RELION 3.1.3 (test/optics/aberrations.test.ts).
 */

import { electronWavelengthA } from "./wavelength.ts";
import { zernikeSum } from "./zernike.ts";

const MM_TO_A = 1e7;
const RAD_PER_MRAD = 1e-3;

/** Row-major 2×2: frequency in the image (1/Å) → frequency in the specimen. */
export type Matrix2 = readonly [xx: number, xy: number, yx: number, yy: number];

export interface Aberrations {
  readonly beamTiltXMrad: number;
  readonly beamTiltYMrad: number;
  readonly oddZernike: readonly number[];
  readonly evenZernike: readonly number[];
  readonly magnification: Matrix2;
}

export const IDENTITY_2: Matrix2 = [1, 0, 0, 1];

export const NO_ABERRATIONS: Aberrations = {
  beamTiltXMrad: 0,
  beamTiltYMrad: 0,
  oddZernike: [],
  evenZernike: [],
  magnification: IDENTITY_2,
};

/** Rounding of the values that programs write for "none". */
const NEUTRAL_TOLERANCE = 1e-6;

export function hasOddPhase({ beamTiltXMrad, beamTiltYMrad, oddZernike }: Aberrations): boolean {
  return [beamTiltXMrad, beamTiltYMrad, ...oddZernike].some((value) => Math.abs(value) > NEUTRAL_TOLERANCE);
}

export function hasEvenPhase({ evenZernike }: Aberrations): boolean {
  return evenZernike.some((value) => Math.abs(value) > NEUTRAL_TOLERANCE);
}

export function hasMagnification({ magnification }: Aberrations): boolean {
  return magnification.some((value, i) => Math.abs(value - IDENTITY_2[i]!) > NEUTRAL_TOLERANCE);
}

/** φ at the frequency (sx, sy) of the specimen, rad. */
export function oddPhaseRad(
  aberrations: Aberrations,
  optics: { readonly voltageKv: number; readonly sphericalAberrationMm: number },
  sx: number,
  sy: number,
): number {
  const wavelengthA = electronWavelengthA(optics.voltageKv);
  const tilt = RAD_PER_MRAD * (aberrations.beamTiltXMrad * sx + aberrations.beamTiltYMrad * sy);
  const coma = 2 * Math.PI * optics.sphericalAberrationMm * MM_TO_A * wavelengthA ** 2 * (sx * sx + sy * sy) * tilt;
  return zernikeSum(true, aberrations.oddZernike, sx, sy) - coma;
}

/** ψ at the frequency (sx, sy) of the specimen, rad: taken off the argument of the sine. */
export function evenPhaseRad(aberrations: Aberrations, sx: number, sy: number): number {
  return zernikeSum(false, aberrations.evenZernike, sx, sy);
}

export function invert2([xx, xy, yx, yy]: Matrix2): Matrix2 {
  const determinant = xx * yy - xy * yx;
  return [yy / determinant, -xy / determinant, -yx / determinant, xx / determinant];
}

export function scale2([xx, xy, yx, yy]: Matrix2, factor: number): Matrix2 {
  return [factor * xx, factor * xy, factor * yx, factor * yy];
}
