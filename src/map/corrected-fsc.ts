/** Masked FSC of two half maps with the mask's own contribution taken out by phase randomisation. */

import type { Fft3 } from "./fft3.ts";
import { fscFromTransforms } from "./fsc.ts";
import { expectMap } from "./map-shape.ts";
import { applyMaskInto } from "./masks.ts";
import { randomisePhasesInto } from "./phase-randomise.ts";
import { resolutionAt } from "./resolution.ts";

/** Phases are new beyond the last shell before the unmasked FSC falls below this. */
export const RANDOMISATION_THRESHOLD = 0.8;
/** Shells just beyond that one still hold true phases that the mask smeared out of their neighbours. */
const TRANSITION_SHELLS = 2;

export interface CorrectedFsc {
  readonly unmasked: Float64Array;
  readonly masked: Float64Array;
  /** Masked FSC of the same maps with random phases beyond `lastTrueShell`. */
  readonly randomised: Float64Array;
  readonly corrected: Float64Array;
  /** Last shell whose phases were kept. */
  readonly lastTrueShell: number;
}

export interface CorrectedFscOptions {
  readonly boxPx: number;
  /** [boxPx³] weights 0..1. */
  readonly mask: Float32Array;
  readonly fft: Fft3;
  readonly seed: number;
}

/** @param halfA,halfB  [boxPx³] unfiltered half maps */
export async function correctedFsc(
  halfA: Float32Array,
  halfB: Float32Array,
  { boxPx, mask, fft, seed }: CorrectedFscOptions,
): Promise<CorrectedFsc> {
  expectMap("corrected FSC: first half", halfA, boxPx);
  expectMap("corrected FSC: second half", halfB, boxPx);
  expectMap("corrected FSC: mask", mask, boxPx);
  const transformA = await fft.forward(halfA, boxPx);
  const transformB = await fft.forward(halfB, boxPx);
  const unmasked = fscFromTransforms(transformA, transformB, boxPx);
  // The pixel size does not matter to a shell.
  const { lastShell: lastTrueShell } = resolutionAt(unmasked, RANDOMISATION_THRESHOLD, boxPx, 1);
  const masked = await maskedFsc(halfA, halfB, mask, boxPx, fft);
  randomisePhasesInto(transformA, transformA, boxPx, lastTrueShell, seed, 0);
  randomisePhasesInto(transformB, transformB, boxPx, lastTrueShell, seed, 1);
  const randomA = await fft.inverse(transformA, boxPx);
  const randomB = await fft.inverse(transformB, boxPx);
  const randomised = await maskedFsc(randomA, randomB, mask, boxPx, fft);
  const corrected = masked.map((value, shell) =>
    shell < lastTrueShell + TRANSITION_SHELLS ? value : withoutMask(value, randomised[shell]!),
  );
  return { unmasked, masked, randomised, corrected, lastTrueShell };
}

/** (FSC_masked - FSC_random) / (1 - FSC_random): 0 where the mask explains everything. */
function withoutMask(masked: number, randomised: number): number {
  return randomised >= 1 ? 0 : Math.max(-1, (masked - randomised) / (1 - randomised));
}

async function maskedFsc(
  a: Float32Array,
  b: Float32Array,
  mask: Float32Array,
  boxPx: number,
  fft: Fft3,
): Promise<Float64Array> {
  const product = new Float32Array(mask.length);
  const transformA = await fft.forward(applyMaskInto(product, a, mask), boxPx);
  const transformB = await fft.forward(applyMaskInto(product, b, mask), boxPx);
  return fscFromTransforms(transformA, transformB, boxPx);
}
