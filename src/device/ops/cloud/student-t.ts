/** Largest ν that is taken: beyond it a Student t is a Gaussian for all that is done here. */
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

/** Γ(3/2). */
const HALF_ROOT_PI = Math.sqrt(Math.PI) / 2;

/**
 * P(|v| < √ν tan(angle)) of the 3D Student t with unit scale matrix, and its derivative by the angle.
 *
 * I_t(3/2, ν/2), t = sin²: from I_t(3/2, 1/2) or I_t(3/2, 1) by its recurrence in the second argument (Abramowitz & Stegun 26.5.16).
 */
function ballMass3(degreesOfFreedom: number, angleRad: number): { readonly mass: number; readonly slope: number } {
  const s = Math.sin(angleRad);
  const c = Math.cos(angleRad);
  const isOdd = degreesOfFreedom % 2 === 1;
  let mass = isOdd ? (angleRad - s * c) / (Math.PI / 2) : s * s * s;
  let term = isOdd ? (s * s * s * c) / (HALF_ROOT_PI * HALF_ROOT_PI) : 1.5 * s * s * s * c * c;
  for (let b = isOdd ? 0.5 : 1; b < 0.5 * degreesOfFreedom; b++) {
    mass += term;
    term *= (c * c * (b + 1.5)) / (b + 1);
  }
  let slope = (2 * s * s * gammaRatio3(degreesOfFreedom)) / HALF_ROOT_PI;
  for (let i = 1; i < degreesOfFreedom; i++) slope *= c;
  return { mass, slope };
}

/**
 * Radius of the ball that holds the share `u` of the 3D Student t with unit scale matrix: Newton's method on the cube root of its mass,
 * kept within a bracket.
 *
 * @param u  in (0, 1)
 */
export function studentRadius3(degreesOfFreedom: number, u: number): number {
  const target = Math.cbrt(u);
  let low = 0;
  let high = Math.PI / 2;
  let angleRad = 0.7;
  for (let i = 0; i < 60; i++) {
    const { mass, slope } = ballMass3(degreesOfFreedom, angleRad);
    if (mass < u) low = angleRad;
    else high = angleRad;
    const root = Math.cbrt(mass);
    let next = angleRad - ((root - target) * 3 * root * root) / slope;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const step = next - angleRad;
    angleRad = next;
    if (Math.abs(step) < 1e-12) break;
  }
  return Math.sqrt(degreesOfFreedom) * Math.tan(angleRad);
}

/** Radius of the disc that holds the share `u` of the 2D Student t with unit scale matrix. */
export function studentRadius2(degreesOfFreedom: number, u: number): number {
  return Math.sqrt(degreesOfFreedom * ((1 - u) ** (-2 / degreesOfFreedom) - 1));
}
