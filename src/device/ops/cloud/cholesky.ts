/** Pivots below this share of the diagonal are raised to it: the factor of a singular matrix stays usable. */
const SMALLEST_PIVOT = 1e-6;

/**
 * Lower Cholesky factor of a symmetric positive matrix of order n, packed by rows (00, 10, 11, 20, …), in place.
 *
 * @param a  [n(n+1)/2] lower triangle, overwritten by L
 */
export function choleskyInPlace(a: Float64Array, order: number): void {
  const at = (row: number, column: number): number => (row * (row + 1)) / 2 + column;
  for (let column = 0; column < order; column++) {
    const diagonal = a[at(column, column)]!;
    let pivot = diagonal;
    for (let k = 0; k < column; k++) pivot -= a[at(column, k)]! ** 2;
    const root = Math.sqrt(Math.max(pivot, SMALLEST_PIVOT * diagonal));
    a[at(column, column)] = root;
    for (let row = column + 1; row < order; row++) {
      let sum = a[at(row, column)]!;
      for (let k = 0; k < column; k++) sum -= a[at(row, k)]! * a[at(column, k)]!;
      a[at(row, column)] = sum / root;
    }
  }
}

/** trace(L Lᵀ) of a packed lower factor: the sum of its squares. */
export function factorTrace(factor: ArrayLike<number>): number {
  let trace = 0;
  for (let i = 0; i < factor.length; i++) trace += factor[i]! ** 2;
  return trace;
}
