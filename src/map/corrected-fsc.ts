/** Masked FSC of two half maps with the mask's own contribution taken out by phase randomisation. */

import type { Fft3 } from "./fft3.ts";
import { fscFromTransforms } from "./fsc.ts";
import { expectMap } from "./map-shape.ts";
import { applyMaskInto } from "./masks.ts";
import { randomisePhasesInto } from "./phase-randomise.ts";
import { resolutionAt } from "./resolution.ts";

/** Phases are new beyond the last shell before the unmasked FSC falls below this. */
export const RANDOMISATION_THRESHOLD = 0.8;
/**
 * The correction starts this many shells beyond the last true one: the mask smears true phases into the shells before.
 * As relion_postprocess does it, which leaves the first two randomised shells alone.
 */
const TRANSITION_SHELLS = 3;

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
  /** Draws of new phases whose masked FSC is averaged; a single one scatters by 1/√(voxels of the shell). Default 1. */
  readonly randomisationCount?: number;
}

/** @param halfA,halfB  [boxPx³] unfiltered half maps */
export async function correctedFsc(
  halfA: Float32Array,
  halfB: Float32Array,
  { boxPx, mask, fft, seed, randomisationCount = 1 }: CorrectedFscOptions,
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
  const randomised = new Float64Array(masked.length);
  const scratch = new Float32Array(transformA.length);
  const newPhases = async (transform: Float32Array, stream: number) =>
    fft.inverse(randomisePhasesInto(scratch, transform, boxPx, lastTrueShell, seed, stream), boxPx);
  for (let draw = 0; draw < randomisationCount; draw++) {
    const randomA = await newPhases(transformA, 2 * draw);
    const randomB = await newPhases(transformB, 2 * draw + 1);
    const found = await maskedFsc(randomA, randomB, mask, boxPx, fft);
    for (let shell = 0; shell < found.length; shell++) randomised[shell]! += found[shell]! / randomisationCount;
  }
  const corrected = correctForMask(masked, randomised, lastTrueShell);
  return { unmasked, masked, randomised, corrected, lastTrueShell };
}

/**
 * (FSC_masked - FSC_random) / (1 - FSC_random) beyond the shells where true phases leak, FSC_masked before.
 * Source: Chen et al. 2013, Ultramicroscopy 135, 24, eq. 4.
 */
export function correctForMask(masked: Float64Array, randomised: Float64Array, lastTrueShell: number): Float64Array {
  return masked.map((value, shell) =>
    shell < lastTrueShell + TRANSITION_SHELLS ? value : withoutMask(value, randomised[shell]!),
  );
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
