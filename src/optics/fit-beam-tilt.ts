import { type Aberrations, NO_ABERRATIONS, oddPhaseRad } from "./aberrations.ts";

/** Σ over images of X conj(M)/σ² and |M|²/σ² on the pixels of a band: X the image, M what the model expects. */
export interface PhaseSums {
  /** [pixels] real and imaginary part. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** [pixels] */
  readonly weight: Float64Array;
}

export interface BeamTiltFit {
  readonly xMrad: number;
  readonly yMrad: number;
  /** Standard error of each, mrad, from the noise alone. */
  readonly xErrorMrad: number;
  readonly yErrorMrad: number;
}

const ITERATIONS = 12;

/**
 * The beam tilt that best explains the mean phase of X conj(M) as a function of frequency, along with a displacement of all images
 * (which poses have partly taken up): Fisher scoring on Re Σ (X conj M) e^{−iφ}, φ linear in its four unknowns.
 * Source: Zivanov, Nakane & Scheres 2020, IUCrJ 7, 253, §2.2.
 *
 * @param frequencies  kx, ky in pixels of the transform, perPixelInvA 1/Å each; those beyond the sums' pixels are not used
 */
export function fitBeamTilt(
  sums: PhaseSums,
  frequencies: { readonly kx: Int32Array; readonly ky: Int32Array },
  perPixelInvA: number,
  optics: { readonly voltageKv: number; readonly sphericalAberrationMm: number },
): BeamTiltFit {
  const perMrad = (change: Partial<Aberrations>) => (kx: number, ky: number) =>
    oddPhaseRad({ ...NO_ABERRATIONS, ...change }, optics, kx * perPixelInvA, ky * perPixelInvA);
  const basis = [
    perMrad({ beamTiltXMrad: 1 }),
    perMrad({ beamTiltYMrad: 1 }),
    (kx: number) => kx * perPixelInvA,
    (_: number, ky: number) => ky * perPixelInvA,
  ].map((phase) => sums.weight.map((_, pixel) => phase(frequencies.kx[pixel]!, frequencies.ky[pixel]!)));
  const size = basis.length;
  const found = new Float64Array(size);
  const information = basis.map((a) =>
    basis.map((b) => a.reduce((sum, value, k) => sum + sums.weight[k]! * value * b[k]!, 0)),
  );
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const slope = new Float64Array(size);
    for (let k = 0; k < sums.weight.length; k++) {
      let phase = 0;
      for (let j = 0; j < size; j++) phase += found[j]! * basis[j]![k]!;
      const residual = sums.im[k]! * Math.cos(phase) - sums.re[k]! * Math.sin(phase);
      for (let j = 0; j < size; j++) slope[j]! += residual * basis[j]![k]!;
    }
    solve(information, slope).forEach((step, j) => {
      found[j]! += step;
    });
  }
  const variance = (j: number) =>
    solve(
      information,
      Float64Array.from({ length: size }, (_, i) => (i === j ? 1 : 0)),
    )[j]!;
  return {
    xMrad: found[0]!,
    yMrad: found[1]!,
    xErrorMrad: Math.sqrt(variance(0)),
    yErrorMrad: Math.sqrt(variance(1)),
  };
}

/** Gauss elimination with pivoting on a small symmetric system; rows are scaled to their diagonal first. */
function solve(matrix: readonly (readonly number[])[], right: Float64Array): number[] {
  const n = right.length;
  const scale = matrix.map((row, i) => 1 / Math.sqrt(Math.max(row[i]!, 1e-300)));
  const rows = matrix.map((row, i) => [...row.map((value, j) => value * scale[i]! * scale[j]!), right[i]! * scale[i]!]);
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(rows[r]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  return rows.map((row, i) => (row[n]! / row[i]!) * scale[i]!);
}
