import type { Communicator } from "../comm/types.ts";
import { SUMMARY, SUMMARY_FIELDS } from "../device/ops/update-cloud.ts";
import type { Band } from "../geometry/band.ts";
import type { ImageModel } from "../particles/image-model.ts";
import type { PosteriorBlock } from "../posterior/block.ts";
import { type SumQuanta, shiftSquareOf, toQuanta } from "./sum-quanta.ts";

/**
 * Sums of one half-set over its particles: what noise, norm, scale and priors are re-estimated from. Every contribution is a whole number of
 * quanta (sum-quanta.ts), so the sums are exact and their order cannot matter: any split of the particles over ranks adds up to the same bytes.
 */
export interface ModelSums {
  readonly quanta: SumQuanta;
  /** [noiseGroups × shells] Σ p·residual */
  readonly residual: Float64Array;
  /** [noiseGroups] Σ p */
  readonly noiseWeight: Float64Array;
  /** [scaleGroups × shells] Σ p·cross and Σ p·power */
  readonly cross: Float64Array;
  readonly power: Float64Array;
  /** [scaleGroups] particles */
  readonly scaleCount: Float64Array;
  /** [3] Σ p, Σ p·|t|², particles that did not fail. */
  readonly totals: Float64Array;
}

/** Places in ModelSums.totals. */
export const TOTAL = { good: 0, shiftSquare: 1, used: 2 } as const;

export function makeModelSums(
  noiseGroups: number,
  scaleGroups: number,
  shellCount: number,
  quanta: SumQuanta,
): ModelSums {
  return {
    quanta,
    residual: new Float64Array(noiseGroups * shellCount),
    noiseWeight: new Float64Array(noiseGroups),
    cross: new Float64Array(scaleGroups * shellCount),
    power: new Float64Array(scaleGroups * shellCount),
    scaleCount: new Float64Array(scaleGroups),
    totals: new Float64Array(3),
  };
}

/** Adds what the other ranks summed over their particles. Collective. */
export async function sumOverRanks(sums: ModelSums, comm: Communicator): Promise<void> {
  for (const part of ["residual", "noiseWeight", "cross", "power", "scaleCount", "totals"] as const)
    await comm.allReduceSum(sums[part]);
}

/**
 * Adds one block. Also writes each particle's whitened residual power per degree of freedom (1 expected) into `residualRatio`.
 *
 * @param good  [block particles] p(good)
 * @param scaleGroup  [table rows]
 * @param residualRatio  [table rows], written at this block's particles
 */
export function addBlock(
  sums: ModelSums,
  block: PosteriorBlock,
  model: ImageModel,
  band: Band,
  good: Float32Array,
  scaleGroup: Int32Array,
  residualRatio: Float32Array,
): void {
  const S = block.shellCount;
  const sigma2 = model.sigma2[block.half]!;
  const { statistics: quantum, shiftSquare, weight } = sums.quanta;
  block.particles.forEach((particle, i) => {
    const row = i * SUMMARY_FIELDS;
    if (block.summary[row + SUMMARY.failed]! > 0) return;
    const p = toQuanta(good[i]!, weight);
    const noise = model.noiseGroup[particle]! * S;
    const scale = scaleGroup[particle]! * S;
    const statistics = i * 3 * S;
    let ratio = 0;
    let freedom = 0;
    for (let s = 0; s < S; s++) {
      const residual = block.statistics[statistics + s]!;
      sums.residual[noise + s]! += toQuanta(p * residual, quantum[s]!);
      sums.cross[scale + s]! += toQuanta(p * block.statistics[statistics + S + s]!, quantum[S + s]!);
      sums.power[scale + s]! += toQuanta(p * block.statistics[statistics + 2 * S + s]!, quantum[2 * S + s]!);
      if (s > 0 && s <= band.maxShell && sigma2[noise + s]! > 0) {
        ratio += residual / sigma2[noise + s]!;
        freedom += 2 * (band.shellStart[s + 1]! - band.shellStart[s]!);
      }
    }
    residualRatio[particle] = freedom > 0 ? ratio / freedom : 1;
    sums.noiseWeight[model.noiseGroup[particle]!]! += p;
    sums.scaleCount[scaleGroup[particle]!]! += 1;
    sums.totals[TOTAL.good]! += p;
    sums.totals[TOTAL.used]! += 1;
    sums.totals[TOTAL.shiftSquare]! += toQuanta(p * shiftSquareOf(block, i), shiftSquare);
  });
}

/** Smallest noise variance kept, as a share of the group's median over shells: no shell may collapse to 0. */
const SIGMA2_FLOOR = 1e-4;

/** σ² per real component: Σ p·residual / (2 · pixels · Σ p). A group without weight keeps its old spectrum. */
export function updatedSigma2(sums: ModelSums, band: Band, shellCount: number, old: Float64Array): Float64Array {
  const out = old.slice();
  for (let g = 0; g < sums.noiseWeight.length; g++) {
    if (!(sums.noiseWeight[g]! > 0)) continue;
    for (let s = 1; s < shellCount; s++) {
      const pixels = s <= band.maxShell ? band.shellStart[s + 1]! - band.shellStart[s]! : 0;
      if (pixels > 0)
        out[g * shellCount + s] = sums.residual[g * shellCount + s]! / (2 * pixels * sums.noiseWeight[g]!);
      else if (s > 1) out[g * shellCount + s] = out[g * shellCount + s - 1]!;
    }
    out[g * shellCount] = out[g * shellCount + 1]!;
    floorSpectrum(out.subarray(g * shellCount, (g + 1) * shellCount));
  }
  return out;
}

/** Raises every shell to a small share of the median shell. */
export function floorSpectrum(sigma2: Float64Array): void {
  const sorted = sigma2.slice().sort();
  const floor = SIGMA2_FLOOR * sorted[sorted.length >> 1]!;
  for (let s = 0; s < sigma2.length; s++) sigma2[s] = Math.max(sigma2[s]!, floor);
}

/** Shells whose signal-to-noise ratio in the map is above this decide the scale of a group. */
const SCALE_SSNR = 3;
const FEWEST_FOR_SCALE = 10;

/**
 * Scale of each group: Σ cross / Σ power over well-determined shells, clamped to a fifth and five times the median, particle-weighted mean 1.
 * Groups of fewer than 10 particles keep 1.
 */
export function updatedScale(sums: ModelSums, fsc: ArrayLike<number>, shellCount: number): Float64Array {
  const groups = sums.scaleCount.length;
  const raw = new Float64Array(groups).fill(1);
  const measured: number[] = [];
  for (let g = 0; g < groups; g++) {
    let cross = 0;
    let power = 0;
    for (let s = 1; s < shellCount; s++) {
      const f = Math.min(fsc[s] ?? 0, 0.999);
      if (f / (1 - f) <= SCALE_SSNR) continue;
      cross += sums.cross[g * shellCount + s]!;
      power += sums.power[g * shellCount + s]!;
    }
    if (sums.scaleCount[g]! < FEWEST_FOR_SCALE || !(power > 0) || !(cross > 0)) continue;
    raw[g] = cross / power;
    measured.push(raw[g]!);
  }
  if (measured.length < 2) return raw.fill(1);
  measured.sort((a, b) => a - b);
  const median = measured[measured.length >> 1]!;
  let mean = 0;
  let count = 0;
  for (let g = 0; g < groups; g++) {
    raw[g] = Math.min(Math.max(raw[g]! / median, 0.2), 5);
    mean += raw[g]! * sums.scaleCount[g]!;
    count += sums.scaleCount[g]!;
  }
  return raw.map((value) => (count > 0 ? (value * count) / mean : 1));
}
