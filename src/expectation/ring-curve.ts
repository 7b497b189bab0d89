import type { Band } from "../geometry/band.ts";
import { electronWavelengthA } from "../optics/wavelength.ts";
import type { ImageModel } from "../particles/image-model.ts";
import type { DefocusGrid } from "../posterior/defocus-prior.ts";

/** scale/σ² and scale²/σ² of every shell; 0 for the first. */
export function ringWeights(model: ImageModel, half: number, particle: number, S: number) {
  const scale = model.scale[particle]!;
  const sigma2 = model.sigma2[half]!;
  const row = model.noiseGroup[particle]! * S;
  const cross = new Float64Array(S);
  const power = new Float64Array(S);
  for (let s = 1; s < S; s++) {
    const variance = sigma2[row + s]!;
    cross[s] = variance > 0 ? scale / variance : 0;
    power[s] = scale * cross[s]!;
  }
  return { cross, power };
}

export type RingWeights = ReturnType<typeof ringWeights>;

/** Σ cross·scale/σ² − ½ Σ power·scale²/σ² of a row of sums. */
export function ringLogLikelihood(sums: Float64Array, row: number, S: number, weights: RingWeights): number {
  const at = 3 * row * S;
  let value = 0;
  for (let s = 1; s < S; s++) {
    value += weights.cross[s]! * sums[at + S + s]! - 0.5 * weights.power[s]! * sums[at + 2 * S + s]!;
  }
  return value;
}

/** cos and sin of b_s z and 2 b_s z on the grid. */
export interface GridTable {
  readonly count: number;
  /** [S] b_s, rad/Å. */
  readonly perA: Float64Array;
  /** [count][S] */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

export function makeGridTable(
  grid: DefocusGrid,
  band: Band,
  pixelSizeA: number,
  voltageV: number,
  S: number,
): GridTable {
  const wavelengthA = electronWavelengthA(voltageV / 1e3);
  const perPixelInvA = 1 / (band.boxPx * pixelSizeA);
  const perA = new Float64Array(S);
  for (let s = 0; s < S && s <= band.maxShell; s++) {
    const [from, to] = [band.shellStart[s]!, band.shellStart[s + 1]!];
    let squares = 0;
    for (let pixel = from; pixel < to; pixel++) squares += band.kx[pixel]! ** 2 + band.ky[pixel]! ** 2;
    perA[s] = to > from ? (Math.PI * wavelengthA * squares * perPixelInvA ** 2) / (to - from) : 0;
  }
  const cos = new Float64Array(grid.count * S);
  const sin = new Float64Array(grid.count * S);
  for (let d = 0; d < grid.count; d++) {
    const z = grid.firstA + d * grid.stepA;
    for (let s = 0; s < S; s++) {
      cos[d * S + s] = Math.cos(perA[s]! * z);
      sin[d * S + s] = Math.sin(perA[s]! * z);
    }
  }
  return { count: grid.count, perA, cos, sin };
}

/**
 * The curve of one image into out; returns the mean over its points of the log-likelihood at the current defocus.
 *
 * @param byPhase  sums with the CTF's phase turned by 0, π/2 and π/4
 */
export function curveInto(
  out: Float32Array,
  offset: number,
  byPhase: readonly Float64Array[],
  image: number,
  K: number,
  S: number,
  weights: RingWeights,
  table: GridTable,
  currentA: number,
): number {
  const [sine, cosine, between] = byPhase as [Float64Array, Float64Array, Float64Array];
  const x0 = new Float64Array(S);
  const x1 = new Float64Array(S);
  const yCos = new Float64Array(S);
  const ySin = new Float64Array(S);
  const best = new Float64Array(table.count).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(table.count);
  let meanAtCurrent = 0;
  for (let k = 0; k < K; k++) {
    const row = image * K + k;
    const at = 3 * row * S;
    let flat = 0;
    for (let s = 1; s < S; s++) {
      const a0 = weights.cross[s]! * sine[at + S + s]!;
      const a1 = weights.cross[s]! * cosine[at + S + s]!;
      const p0 = weights.power[s]! * sine[at + 2 * S + s]!;
      const p1 = weights.power[s]! * cosine[at + 2 * S + s]!;
      const p2 = weights.power[s]! * between[at + 2 * S + s]!;
      // sin² (a + bδ) = ½ (1 − cos 2a cos 2bδ + sin 2a sin 2bδ), less its value at δ = 0
      const [c2, s2] = [p1 - p0, 2 * p2 - p0 - p1];
      const [c, d] = [Math.cos(table.perA[s]! * currentA), Math.sin(table.perA[s]! * currentA)];
      const [cc, dd] = [c * c - d * d, 2 * c * d];
      x0[s] = a0 * c - a1 * d;
      x1[s] = a0 * d + a1 * c;
      yCos[s] = 0.25 * (c2 * cc + s2 * dd);
      ySin[s] = 0.25 * (c2 * dd - s2 * cc);
      flat += a0 + 0.25 * c2;
    }
    meanAtCurrent += ringLogLikelihood(sine, row, S, weights) / K;
    for (let d = 0; d < table.count; d++) {
      let value = -flat;
      for (let s = 1, t = d * S + 1; s < S; s++, t++) {
        const cz = table.cos[t]!;
        const sz = table.sin[t]!;
        value += cz * x0[s]! + sz * x1[s]! + (cz * cz - sz * sz) * yCos[s]! + 2 * cz * sz * ySin[s]!;
      }
      // Log of a running sum, the largest term kept apart.
      if (value > best[d]!) {
        sum[d] = sum[d]! * Math.exp(best[d]! - value) + 1;
        best[d] = value;
      } else {
        sum[d]! += Math.exp(value - best[d]!);
      }
    }
  }
  for (let d = 0; d < table.count; d++) out[offset + d] = best[d]! + Math.log(sum[d]! / K);
  return meanAtCurrent;
}

/** An image's power per ring times its CTF squared, and times its CTF and that a quarter turn on. */
export interface OwnRings {
  readonly same: Float64Array;
  readonly turned: Float64Array;
}

/**
 * Takes off a curve what the image's own part in the reference adds to it: Σ share (cos(bδ) same + sin(bδ) turned), 0 at the current
 * defocus.
 *
 * @param share  [S] of the image's own contribution that a slice at its pose returns, over σ²
 */
export function takeOffOwnShare(
  out: Float32Array,
  offset: number,
  own: OwnRings,
  share: Float64Array,
  table: GridTable,
  currentA: number,
): void {
  const S = share.length;
  for (let d = 0; d < table.count; d++) {
    let value = 0;
    for (let s = 1; s < S; s++) {
      const [cz, sz] = [table.cos[d * S + s]!, table.sin[d * S + s]!];
      const [c, t] = [Math.cos(table.perA[s]! * currentA), Math.sin(table.perA[s]! * currentA)];
      value += share[s]! * ((cz * c + sz * t - 1) * own.same[s]! + (sz * c - cz * t) * own.turned[s]!);
    }
    out[offset + d]! -= value;
  }
}
