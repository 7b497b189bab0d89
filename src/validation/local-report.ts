import { mapSlicesInColour } from "../map/colour-slices.ts";
import { histogramPlot } from "../map/histogram-plot.ts";
import type { LocalResolution } from "../map/local-resolution.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";

/** Voxels whose mask is above this are spoken of. */
const INSIDE = 0.5;

export interface LocalFigures {
  readonly medianA: number;
  /** 5 % of the voxels within the mask are finer, 5 % are coarser than these. */
  readonly p05A: number;
  readonly p95A: number;
  readonly threshold: number;
  readonly mask: string;
}

export function localFigures(
  found: LocalResolution,
  mask: Float32Array,
  threshold: number,
  maskName: string,
): LocalFigures {
  const sorted = found.resolutionA.filter((_, i) => mask[i]! > INSIDE).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { medianA: at(0.5), p05A: at(0.05), p95A: at(0.95), threshold, mask: maskName };
}

export function localText(figures: LocalFigures): string {
  return (
    `median ${figures.medianA.toFixed(2)} Å, ${figures.p05A.toFixed(2)} to ${figures.p95A.toFixed(2)} Å (5 to 95 % of the voxels; ` +
    `local FSC ${figures.threshold}, mask: ${figures.mask}, no randomisation: bands are cut before the window)`
  );
}

const WIDTH = 840;
const PLOT_HEIGHT = 240;

/** Histogram of the local resolution inside the mask, and its central slices. */
export function localPicture(found: LocalResolution, mask: Float32Array, figures: LocalFigures, boxPx: number): string {
  const range = [figures.p05A * 0.97, figures.p95A * 1.03] as const;
  const inside = found.resolutionA.filter((value, i) => mask[i]! > INSIDE && value >= range[0] && value <= range[1]);
  const notes = [
    `Median ${figures.medianA.toFixed(2)} Å, 5 to 95 % of the voxels ${figures.p05A.toFixed(2)} to ${figures.p95A.toFixed(2)} Å.`,
    `Where the local FSC of the half maps falls below ${figures.threshold}; mask: ${figures.mask}.`,
  ];
  const top = pageTop(notes.length);
  const panel = (WIDTH - 4 * PAGE_GAP) / 3;
  const slicesTop = top + PLOT_HEIGHT + 20;
  const parts = [
    histogramPlot(inside, {
      left: PAGE_GAP,
      top,
      width: WIDTH - 2 * PAGE_GAP,
      height: PLOT_HEIGHT,
      xLabel: "local resolution (Å)",
      yLabel: "voxels",
      range,
    }),
    mapSlicesInColour(found.resolutionA, mask, {
      boxPx,
      left: PAGE_GAP,
      top: slicesTop,
      panel,
      gap: PAGE_GAP,
      range,
      unit: "Å",
    }),
  ];
  return svgPage(parts, { width: WIDTH, height: slicesTop + panel + 66, title: "Local resolution", notes });
}
