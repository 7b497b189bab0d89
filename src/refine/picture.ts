import type { CorrectedFsc } from "../map/corrected-fsc.ts";
import { slicesPicture } from "../map/slices-picture.ts";
import type { RunContext } from "./run-context.ts";

/** The run at a glance: central slices of the map and its FSC curves, as SVG. */
export function runPicture(
  context: RunContext,
  map: Float32Array,
  curves: CorrectedFsc,
  group: string,
  result: {
    readonly resolutionA: number;
    readonly unmaskedResolutionA: number;
    readonly randomisedBeyondA: number;
    readonly maskName: string;
  },
): string {
  const { boxPx, pixelSizeA, table } = context.data;
  return slicesPicture(map, {
    boxPx,
    pixelSizeA,
    title: `${result.resolutionA.toFixed(2)} Å (FSC 0.143, masked, corrected), ${table.count} particles, ${group}`,
    subtitle: `Unmasked ${result.unmaskedResolutionA.toFixed(2)} Å. Mask: ${result.maskName}; phases randomised beyond ${result.randomisedBeyondA.toFixed(1)} Å.`,
    curves: [
      { label: "corrected", values: curves.corrected },
      { label: "masked", values: curves.masked },
      { label: "unmasked", values: curves.unmasked },
      { label: "phases randomised", values: curves.randomised },
    ],
  });
}
