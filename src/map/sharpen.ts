/** From the average of two half maps to the map that is looked at: MTF, FSC weighting, B-factor, low pass. */

import { shellOf } from "../geometry/shells.ts";
import type { Fft3 } from "./fft3.ts";
import { fitGuinier, type GuinierFit } from "./guinier.ts";
import { DEFAULT_EDGE_SHELLS } from "./low-pass.ts";
import { expectMap } from "./map-shape.ts";
import { type MtfCurve, mtfAt } from "./mtf.ts";
import { radialGainInto } from "./radial-gain.ts";
import { softEdge } from "./soft-edge.ts";
import { radialSpectrum } from "./spectra.ts";

export interface SharpenOptions {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly fft: Fft3;
  /** [shell] half-map FSC that the weighting is made from. */
  readonly fsc: ArrayLike<number>;
  readonly mtf: MtfCurve | null;
  /** Å²; "fit" takes the Guinier fit's. */
  readonly bFactorA2: number | "fit";
  /** Range of the Guinier fit, Å. */
  readonly fitFromA: number;
  readonly fitToA: number;
  /** Low pass of the result, Å; null for none. */
  readonly lowPassA: number | null;
}

/** ln of the mean amplitude per shell (transform divided by boxPx³); -Infinity for a shell set to 0. */
export interface GuinierCurves {
  readonly original: Float64Array;
  /** Divided by the MTF; the original without one. */
  readonly mtfCorrected: Float64Array;
  /** Times √(2f/(1+f)) too: what the line is fitted to. */
  readonly weighted: Float64Array;
  readonly sharpened: Float64Array;
}

export interface Sharpened {
  /** [boxPx³] */
  readonly map: Float32Array;
  /** [boxPx × boxPx × halfLength × 2], sharpened but neither FSC-weighted nor low-passed: for a local filter. */
  readonly unfiltered: Float32Array;
  readonly curves: GuinierCurves;
  /** Null where too few shells lie in the range. */
  readonly fit: GuinierFit | null;
  /** What was applied, Å²: 0 where a fit was asked for and none was possible. */
  readonly bFactorA2: number;
}

/** Below this an FSC says that nothing is left: the weight there and beyond is 0. */
const NO_AGREEMENT = 1e-4;

/** Weight of each shell, √(2f/(1+f)): the expected correlation of the average map with the truth; 0 from the first f ≤ 0. */
export function fscWeights(fsc: ArrayLike<number>): Float64Array {
  let isOver = false;
  return Float64Array.from(fsc, (value) => {
    isOver ||= !(value > NO_AGREEMENT);
    return isOver ? 0 : Math.sqrt((2 * Math.min(1, value)) / (1 + Math.min(1, value)));
  });
}

/** @param average  [boxPx³] mean of the unfiltered half maps */
export async function sharpenMap(average: Float32Array, options: SharpenOptions): Promise<Sharpened> {
  const { boxPx, pixelSizeA, fft, mtf, fitFromA, fitToA, lowPassA } = options;
  expectMap("sharpen: map", average, boxPx);
  const widthA = boxPx * pixelSizeA;
  const lnAmplitude = (transform: Float32Array) =>
    radialSpectrum(transform, boxPx).amplitude.map((value) => Math.log(value / boxPx ** 3));
  const transform = await fft.forward(average, boxPx);
  const original = lnAmplitude(transform);
  if (mtf) radialGainInto(transform, transform, boxPx, (radius) => 1 / mtfAt(mtf, radius / widthA));
  const mtfCorrected = mtf ? lnAmplitude(transform) : original;
  const weights = fscWeights(options.fsc);
  const weightAt = (radius: number) => weights[shellOf(radius * radius)] ?? 0;
  const filtered = radialGainInto(new Float32Array(transform.length), transform, boxPx, weightAt);
  const weighted = lnAmplitude(filtered);
  const fit = fitGuinier(weighted.map(Math.exp), { boxPx, pixelSizeA, fromA: fitFromA, toA: fitToA });
  const bFactorA2 = options.bFactorA2 === "fit" ? (fit?.bFactorA2 ?? 0) : options.bFactorA2;
  const fallOff = (radius: number) => Math.exp((-bFactorA2 / 4) * (radius / widthA) ** 2);
  radialGainInto(filtered, filtered, boxPx, fallOff);
  const sharpened = lnAmplitude(filtered);
  if (lowPassA !== null) {
    const cutoff = widthA / lowPassA - DEFAULT_EDGE_SHELLS / 2;
    radialGainInto(filtered, filtered, boxPx, (radius) => softEdge(radius - cutoff, DEFAULT_EDGE_SHELLS));
  }
  return {
    map: await fft.inverse(filtered, boxPx),
    unfiltered: radialGainInto(transform, transform, boxPx, fallOff),
    curves: { original, mtfCorrected, weighted, sharpened },
    fit,
    bFactorA2,
  };
}
