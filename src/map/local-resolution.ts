/**
 * Resolution at every voxel: the half maps are cut into bands of frequencies, and in each band their correlation is taken
 * within a Gaussian window around the voxel.
 *
 *     c_b(x) = (G ∗ a_b b_b)(x) / √((G ∗ a_b²)(x) (G ∗ b_b²)(x))
 *
 * The bands are cut before the window is laid on, so the window brings no correlation of its own between shells and no
 * phase randomisation is needed. The window widens with the wavelength, so that each band has enough independent samples:
 * about 4π s² Δs V_window ≈ 110 of them, which leaves c an error of some 0.1.
 * Source of the idea: local FSC in real space, Penczek 2010, Methods Enzymol. 482, 73; windows per resolution: Cardone,
 * Heymann & Steven 2013, J. Struct. Biol. 184, 226.
 */

import { expectPositive } from "../core/checks.ts";
import { throwIfAborted } from "../core/errors.ts";
import type { Fft3 } from "./fft3.ts";
import { expectMap, expectTransform } from "./map-shape.ts";
import { radialGainInto } from "./radial-gain.ts";

export interface LocalResolutionOptions {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly fft: Fft3;
  /** Local FSC at which a voxel counts as no longer resolved. */
  readonly threshold: number;
  /** Coarsest value given, Å. */
  readonly worstA: number;
  /** Least standard deviation of the window, Å; 0 leaves it to the wavelength alone. */
  readonly windowA: number;
  readonly signal?: AbortSignal;
  readonly onBand?: (done: number, total: number) => void;
}

export interface LocalResolution {
  /** [boxPx³] Å; `worstA` where not even the coarsest band agrees. */
  readonly resolutionA: Float32Array;
  /** [boxPx³] the map of `toFilter` with √(2c/(1+c)) per band and voxel up to the local resolution, nothing beyond. */
  readonly filtered: Float32Array;
  /** Centres of the bands, Å. */
  readonly bandsA: readonly number[];
}

/** Standard deviation of the window in wavelengths of the band. */
const WINDOW_WAVES = 1.25;
/** Bands are at least this many shells apart, and a tenth of their frequency. */
const BAND_SHELLS = 2;
const BAND_SHARE = 0.1;

/**
 * @param toFilter  [boxPx × boxPx × halfLength × 2] transform of the map to be filtered locally, e.g. the sharpened average
 */
export async function localResolution(
  halfA: Float32Array,
  halfB: Float32Array,
  toFilter: Float32Array,
  options: LocalResolutionOptions,
): Promise<LocalResolution> {
  const { boxPx, pixelSizeA, fft, threshold, worstA } = options;
  expectMap("local resolution: first half", halfA, boxPx);
  expectMap("local resolution: second half", halfB, boxPx);
  expectTransform("local resolution: map to filter", toFilter, boxPx);
  expectPositive("local resolution: worstA", worstA);
  const widthA = boxPx * pixelSizeA;
  const centres = bandCentres(boxPx, widthA / worstA);
  const [transformA, transformB] = [await fft.forward(halfA, boxPx), await fft.forward(halfB, boxPx)];
  const scratch = new Float32Array(transformA.length);
  const bandOf = (transform: Float32Array, band: number, mean: 0 | 1 = 0) =>
    fft.inverse(
      radialGainInto(scratch, transform, boxPx, (radius) => (radius > 0 ? bandGain(radius, centres, band) : mean)),
      boxPx,
    );
  const resolutionA = new Float32Array(boxPx ** 3).fill(worstA);
  const filtered = new Float32Array(boxPx ** 3);
  const before = new Float32Array(boxPx ** 3).fill(1);
  const isOver = new Uint8Array(boxPx ** 3);
  for (let band = 0; band < centres.length; band++) {
    throwIfAborted(options.signal, "local resolution");
    const centre = centres[band]!;
    const windowPx = Math.max(options.windowA, (WINDOW_WAVES * widthA) / centre) / pixelSizeA;
    const c = await localCorrelation(await bandOf(transformA, band), await bandOf(transformB, band), windowPx, options);
    // A common background is no agreement; the map that is shown keeps its mean.
    const shown = await bandOf(toFilter, band, band === 0 ? 1 : 0);
    const previous = centres[band - 1] ?? widthA / worstA;
    let resolvedCount = 0;
    for (let i = 0; i < c.length; i++) {
      if (isOver[i]) continue;
      const now = c[i]!;
      if (now >= threshold) {
        resolutionA[i] = Math.min(worstA, widthA / centre);
        filtered[i]! += Math.sqrt((2 * now) / (1 + now)) * shown[i]!;
        before[i] = now;
        resolvedCount++;
        continue;
      }
      isOver[i] = 1;
      // Where the straight line between the two bands meets the threshold.
      const share = band === 0 ? 0 : (before[i]! - threshold) / (before[i]! - now);
      resolutionA[i] = Math.min(worstA, widthA / (previous + share * (centre - previous)));
    }
    options.onBand?.(band + 1, centres.length);
    // Finer bands could change nothing.
    if (resolvedCount === 0) break;
  }
  return { resolutionA, filtered, bandsA: centres.map((centre) => widthA / centre) };
}

/** Centres of the bands in shells, from the coarsest to Nyquist. */
function bandCentres(boxPx: number, coarsestShell: number): number[] {
  const last = Math.floor(boxPx / 2);
  const centres: number[] = [];
  for (let centre = Math.min(last, Math.max(BAND_SHELLS, coarsestShell)); centre < last; ) {
    centres.push(centre);
    centre += Math.max(BAND_SHELLS, BAND_SHARE * centre);
  }
  // No band much narrower than its neighbours at the end.
  if (centres.length > 1 && last - centres[centres.length - 1]! < BAND_SHELLS / 2) centres.pop();
  return [...centres, last];
}

/** cos² flanks to both neighbours, so that the bands add up to 1: the first one reaches down to 0, the last one ends at Nyquist. */
function bandGain(radius: number, centres: readonly number[], band: number): number {
  const centre = centres[band]!;
  const neighbour = centres[radius < centre ? band - 1 : band + 1];
  if (neighbour === undefined) return radius <= centre ? 1 : 0;
  const share = (radius - centre) / (neighbour - centre);
  return share >= 1 ? 0 : Math.cos((Math.PI / 2) * share) ** 2;
}

/** [boxPx³] correlation of two band-passed maps in a Gaussian window; 0 where there is no power. */
async function localCorrelation(
  a: Float32Array,
  b: Float32Array,
  windowPx: number,
  { boxPx, fft }: LocalResolutionOptions,
): Promise<Float32Array> {
  const blur = async (product: Float32Array) => {
    const transform = await fft.forward(product, boxPx);
    const exponent = -2 * (Math.PI * (windowPx / boxPx)) ** 2;
    radialGainInto(transform, transform, boxPx, (radius) => Math.exp(exponent * radius * radius));
    return fft.inverse(transform, boxPx);
  };
  const cross = await blur(a.map((value, i) => value * b[i]!));
  const powerA = await blur(a.map((value) => value * value));
  const powerB = await blur(b.map((value) => value * value));
  // Rounding of the transforms: below this share of the largest power nothing is known.
  const least = 1e-7 * Math.max(largest(powerA), largest(powerB));
  return cross.map((value, i) => {
    const power = Math.sqrt(Math.max(powerA[i]!, least) * Math.max(powerB[i]!, least));
    return power > 0 ? Math.min(1, Math.max(-1, value / power)) : 0;
  });
}

function largest(values: Float32Array): number {
  let found = 0;
  for (const value of values) if (value > found) found = value;
  return found;
}
