/**
 * A Gaussian sampled on a periodic line without aliasing: the frequencies |k| < n/2 of the true one, and no other.
 *
 * Point sampling would fold what lies beyond Nyquist back into the band; then a phantom's transform would not be its
 * closed form. A product of three such lines is a 3D Gaussian limited to the cube of frequencies.
 *
 * @param out  [n] contents per sample; they sum to 1
 * @param positionPx  where the Gaussian sits, in samples (may lie outside the line: it is periodic)
 * @param cosines,sines  [n] of 2π i / n, from `makeTurnTable`
 */
export function bandLimitedGaussianInto(
  out: Float64Array,
  positionPx: number,
  sigmaPx: number,
  { cosines, sines }: TurnTable,
): void {
  const n = out.length;
  out.fill(1 / n);
  for (let k = 1; 2 * k < n; k++) {
    const amplitude = (2 / n) * Math.exp(-2 * (Math.PI * sigmaPx * (k / n)) ** 2);
    if (amplitude < 1e-14 / n) break;
    const phaseRad = (2 * Math.PI * k * positionPx) / n;
    const real = amplitude * Math.cos(phaseRad);
    const imaginary = amplitude * Math.sin(phaseRad);
    // cos(2πk(x - p)/n) by the addition theorem, with k x taken modulo n.
    for (let x = 0, turn = 0; x < n; x++) {
      out[x]! += real * cosines[turn]! + imaginary * sines[turn]!;
      turn += k;
      if (turn >= n) turn -= n;
    }
  }
}

export interface TurnTable {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

export function makeTurnTable(n: number): TurnTable {
  const at = (i: number) => (2 * Math.PI * i) / n;
  return {
    cosines: Float64Array.from({ length: n }, (_, i) => Math.cos(at(i))),
    sines: Float64Array.from({ length: n }, (_, i) => Math.sin(at(i))),
  };
}
