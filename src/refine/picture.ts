import type { CorrectedFsc } from "../map/corrected-fsc.ts";
import { slicesPicture } from "../map/slices-picture.ts";
import type { RunContext } from "./run-context.ts";

/** The run at a glance: central slices of the map and its FSC curves, as SVG. */
export function runPicture(
  context: RunContext,
  map: Float32Array,
  curves: CorrectedFsc,
  result: { readonly resolutionA: number },
): string {
  return slicesPicture(map, curves, context, result);
}
