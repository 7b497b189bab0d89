/**
 * Zernike polynomials Z_n^m of the spatial frequency, in the order of RELION's rlnOddZernike and rlnEvenZernike:
 * odd n = 1, 3, 5 …, even n = 0, 2, 4 …, within n from m = −n to n in steps of 2. The radius is |s| in 1/Å itself, not a
 * share of a largest one, and there is no normalising factor: Z_1^1 = s_x, Z_3^1 = (3 |s|² − 2) s_x. cos(mθ) for m ≥ 0,
 * sin(|m|θ) for m < 0. Source: Zivanov, Nakane & Scheres 2020, IUCrJ 7, 253; order and units measured on RELION 3.1.3.
 */

/** n and m of the terms of a list. */
export interface ZernikeTerm {
  readonly n: number;
  readonly m: number;
}

/** The first `count` terms of odd or even order. */
export function zernikeTerms(isOdd: boolean, count: number): ZernikeTerm[] {
  const terms: ZernikeTerm[] = [];
  for (let n = isOdd ? 1 : 0; terms.length < count; n += 2) {
    for (let m = -n; m <= n && terms.length < count; m += 2) terms.push({ n, m });
  }
  return terms;
}

/** Σ coefficient · Z at the frequency (sx, sy), 1/Å. */
export function zernikeSum(isOdd: boolean, coefficients: readonly number[], sx: number, sy: number): number {
  let sum = 0;
  zernikeTerms(isOdd, coefficients.length).forEach((term, i) => {
    if (coefficients[i] !== 0) sum += coefficients[i]! * zernikeAt(term, sx, sy);
  });
  return sum;
}

/** Z_n^m at the frequency (sx, sy), 1/Å. */
export function zernikeAt({ n, m }: ZernikeTerm, sx: number, sy: number): number {
  const order = Math.abs(m);
  const square = sx * sx + sy * sy;
  // R(r) = r^|m| · polynomial in r²; r^|m| e^{i|m|θ} = (sx + i sy)^|m|, so no angle is needed.
  let radial = 0;
  for (let k = 0; k <= (n - order) / 2; k++) {
    const sign = k % 2 === 0 ? 1 : -1;
    const binomials =
      factorial(n - k) / (factorial(k) * factorial((n + order) / 2 - k) * factorial((n - order) / 2 - k));
    radial += sign * binomials * square ** ((n - order) / 2 - k);
  }
  let [re, im] = [1, 0];
  for (let i = 0; i < order; i++) [re, im] = [re * sx - im * sy, re * sy + im * sx];
  return radial * (m < 0 ? im : re);
}

function factorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}
