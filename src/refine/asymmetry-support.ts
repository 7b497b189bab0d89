import { shellToResolutionA } from "../geometry/shells.ts";
import { asymmetricPart } from "../map/asymmetry.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { joinShellOf } from "./join-low-shells.ts";
import type { RunContext } from "./run-context.ts";

/** Half-map FSC above which a shell of the asymmetric parts counts as agreement. */
const THRESHOLD = 0.143;

/**
 * What the half-sets say of the asymmetry independently of one another: the FSC of what each half map has beyond the symmetry, in
 * shells finer than those that both are aligned with. Mates that were chosen by noise make maps that differ there, and so do halves that
 * chose different mates.
 *
 * @returns the resolution in Å to which the parts agree, shell by shell from the first that is not shared; null: not even there
 */
export async function asymmetryResolution(
  context: RunContext,
  halfMaps: readonly [Float32Array, Float32Array],
): Promise<number | null> {
  const { data, fft, log } = context;
  const { boxPx, pixelSizeA } = data;
  const { group } = context.mates!;
  const parts = halfMaps.map((map) => asymmetricPart(map, boxPx, group, context.sphereMask));
  const fsc = await fscOfMaps(parts[0]!, parts[1]!, boxPx, fft);
  const shared = joinShellOf(context);
  let last = shared;
  while (last + 1 <= context.largestShell && fsc[last + 1]! >= THRESHOLD) last++;
  const resolutionA = last > shared ? shellToResolutionA(last, boxPx, pixelSizeA) : null;
  log.event("symmetry.asymmetry", {
    group: group.name,
    resolutionA,
    threshold: THRESHOLD,
    sharedShell: shared,
    fsc: [...fsc],
  });
  if (resolutionA === null) {
    const sharedA = shellToResolutionA(shared, boxPx, pixelSizeA).toFixed(0);
    log.event("warning", {
      message: `the half maps agree on no deviation from ${group.name} finer than the ${sharedA} Å that they share for alignment: the choice of mates may be noise. Do not interpret the map's asymmetry.`,
    });
  }
  return resolutionA;
}
