import { philox4x32, uniform01 } from "../../../core/random.ts";

/** Largest ν that the counters of one draw have room for. */
export const MAX_DEGREES_OF_FREEDOM = 32;

/**
 * Γ((ν + 3)/2) / Γ(ν/2) for a whole ν, by its recurrence in steps of two from Γ(1/2) = √π.
 */
function gammaRatio3(degreesOfFreedom: number): number {
  let ratio = degreesOfFreedom % 2 === 1 ? 1 / Math.sqrt(Math.PI) : (3 * Math.sqrt(Math.PI)) / 4;
  for (let nu = degreesOfFreedom % 2 === 1 ? 1 : 2; nu < degreesOfFreedom; nu += 2) ratio *= (nu + 3) / nu;
  return ratio;
}

/** Density at 0 of the 3D Student t with unit scale matrix. */
export function peakDensity3(degreesOfFreedom: number): number {
  return gammaRatio3(degreesOfFreedom) / (degreesOfFreedom * Math.PI) ** 1.5;
}

/** Density at 0 of the 2D Student t with unit scale matrix: 1/(2π) for every ν. */
export const PEAK_DENSITY_2 = 1 / (2 * Math.PI);

/**
 * P(|v| > radius) of a 3D Student t with a unit scale matrix: the regularised incomplete beta I_y(ν/2, 3/2),
 * y = ν/(ν + radius²), by its power series (Abramowitz & Stegun 26.5.4).
 */
export function tailMass3(degreesOfFreedom: number, radius2: number): number {
  const y = degreesOfFreedom / (degreesOfFreedom + radius2);
  const a = degreesOfFreedom / 2;
  const beta = Math.sqrt(Math.PI) / 2 / gammaRatio3(degreesOfFreedom);
  let term = 1;
  let sum = 1;
  for (let n = 0; n < 500 && term > 1e-12 * sum; n++) {
    term *= (y * (a + 1.5 + n)) / (a + 1 + n);
    sum += term;
  }
  return Math.min(1, (y ** a * (1 - y) ** 1.5 * sum) / (a * beta));
}

/**
 * √(ν/χ²_ν) and as many standard normals as asked for (at most 3), all from the counter (stream, phase, index, block…).
 *
 * χ² is −2 ln of ν/2 uniforms, plus one squared normal where ν is odd.
 *
 * @param normals  overwritten
 * @param attempt  0..15: separates redraws of one index
 */
export function studentDraw(
  normals: Float64Array,
  degreesOfFreedom: number,
  key: readonly [number, number],
  stream: number,
  phase: number,
  index: number,
  attempt: number,
): number {
  const words = new Uint32Array(4);
  philox4x32(words, key[0], key[1], stream, phase, index, 8 * attempt);
  const four = [boxMuller(words[0]!, words[1]!), boxMuller(words[2]!, words[3]!)].flat();
  for (let i = 0; i < normals.length; i++) normals[i] = four[i]!;
  const uniformCount = Math.floor(degreesOfFreedom / 2);
  let product = 1;
  for (let i = 0; i < uniformCount; i++) {
    if (i % 4 === 0) philox4x32(words, key[0], key[1], stream, phase, index, 8 * attempt + 1 + i / 4);
    product *= uniform01(words[i % 4]!);
  }
  const odd = degreesOfFreedom % 2 === 1 ? four[3]! ** 2 : 0;
  return Math.sqrt(degreesOfFreedom / (odd - 2 * Math.log(product)));
}

function boxMuller(word0: number, word1: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniform01(word0)));
  const angleRad = 2 * Math.PI * uniform01(word1);
  return [radius * Math.cos(angleRad), radius * Math.sin(angleRad)];
}
