/** An FSC as people and other programs want it: named resolutions, STAR, EMDB's XML, a plot. */

import { shellToResolutionA } from "../geometry/shells.ts";
import { starBlock } from "../io/star/document.ts";
import { makeStarTable, type StarColumnData } from "../io/star/table.ts";
import type { CorrectedFsc } from "../map/corrected-fsc.ts";
import { type FscCurve, fscPlot } from "../map/fsc-plot.ts";
import { resolutionAt } from "../map/resolution.ts";
import { PAGE_GAP, pageTop, svgPage } from "../map/svg-page.ts";

/** Curves with all that a resolution read from them depends on. */
export interface MeasuredFsc extends Pick<CorrectedFsc, "unmasked"> {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Null without a mask. */
  readonly masked: CorrectedFsc | null;
  /** What the mask was; "none" without one. */
  readonly maskName: string;
  readonly randomisationCount: number;
}

/** A resolution that names threshold, mask and randomisation point. */
export interface NamedResolution {
  readonly resolutionA: number;
  readonly threshold: number;
  readonly curve: "corrected" | "masked" | "unmasked";
  readonly mask: string;
  /** Å of the last shell whose phases were kept; null where none were randomised. */
  readonly randomisedBeyondA: number | null;
  /** The curve does not fall below the threshold: the pixel limits, not the data. */
  readonly isNyquistLimited: boolean;
}

export function namedResolution(fsc: MeasuredFsc, curve: NamedResolution["curve"], threshold: number): NamedResolution {
  const values = curve === "unmasked" || fsc.masked === null ? fsc.unmasked : fsc.masked[curve];
  const { resolutionA, isNyquistLimited } = resolutionAt(values, threshold, fsc.boxPx, fsc.pixelSizeA);
  const isMasked = fsc.masked !== null && curve !== "unmasked";
  return {
    resolutionA,
    threshold,
    curve: isMasked ? curve : "unmasked",
    mask: isMasked ? fsc.maskName : "none",
    randomisedBeyondA: isMasked && curve === "corrected" ? randomisedBeyondA(fsc) : null,
    isNyquistLimited,
  };
}

/** Å of the last true shell of the phase randomisation; null without a mask. */
export function randomisedBeyondA({ masked, boxPx, pixelSizeA }: MeasuredFsc): number | null {
  return masked ? shellToResolutionA(Math.max(1, masked.lastTrueShell), boxPx, pixelSizeA) : null;
}

/** "10.61 Å (FSC 0.143, corrected; mask: …; phases randomised beyond 24.0 Å)". */
export function resolutionText(found: NamedResolution): string {
  const parts = [`FSC ${found.threshold}${found.curve === "unmasked" ? ", unmasked" : `, ${found.curve}`}`];
  if (found.curve !== "unmasked") parts.push(`mask: ${found.mask}`);
  if (found.randomisedBeyondA !== null) parts.push(`phases randomised beyond ${found.randomisedBeyondA.toFixed(1)} Å`);
  if (found.isNyquistLimited) parts.push("limited by the pixel size");
  return `${found.resolutionA.toFixed(2)} Å (${parts.join("; ")})`;
}

/** data_fsc under RELION's labels. */
export function fscStarBlock(fsc: MeasuredFsc, where: string) {
  const { boxPx, pixelSizeA, unmasked, masked } = fsc;
  const shells = Array.from(unmasked.keys());
  const columns: StarColumnData[] = [
    { label: "rlnSpectralIndex", numbers: shells, kind: "integer" },
    { label: "rlnResolution", numbers: shells.map((shell) => shell / (boxPx * pixelSizeA)) },
    {
      label: "rlnAngstromResolution",
      numbers: shells.map((shell) => (shell === 0 ? 999 : shellToResolutionA(shell, boxPx, pixelSizeA))),
    },
    ...(masked ? [{ label: "rlnFourierShellCorrelationCorrected", numbers: masked.corrected }] : []),
    { label: "rlnFourierShellCorrelationUnmaskedMaps", numbers: unmasked },
    ...(masked
      ? [
          { label: "rlnFourierShellCorrelationMaskedMaps", numbers: masked.masked },
          { label: "rlnCorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps", numbers: masked.randomised },
        ]
      : []),
  ];
  return starBlock("fsc", makeStarTable(where, columns));
}

/** The curve that a resolution is quoted from, in the form that EMDB takes. */
export function fscXml(fsc: MeasuredFsc): string {
  const values = fsc.masked?.corrected ?? fsc.unmasked;
  const title = fsc.masked ? "Masked FSC corrected by phase randomisation" : "Unmasked FSC";
  const rows = Array.from(
    values,
    (value, shell) =>
      `  <coordinate>\n    <x>${(shell / (fsc.boxPx * fsc.pixelSizeA)).toFixed(6)}</x>\n    <y>${value.toFixed(6)}</y>\n  </coordinate>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<fsc title="${title}" xaxis="Resolution (A-1)" yaxis="Correlation Coefficient">`,
    ...rows,
    "</fsc>",
    "",
  ].join("\n");
}

const WIDTH = 760;
const PLOT_HEIGHT = 380;

export function fscPicture(fsc: MeasuredFsc, title: string, notes: readonly string[], more: readonly FscCurve[] = []) {
  const { masked, unmasked } = fsc;
  const curves: FscCurve[] = [
    ...(masked
      ? [
          { label: "corrected", values: masked.corrected },
          { label: "masked", values: masked.masked },
          { label: "unmasked", values: unmasked },
          { label: "phases randomised", values: masked.randomised },
        ]
      : [{ label: "unmasked", values: unmasked }]),
    ...more,
  ];
  const top = pageTop(notes.length);
  const plot = fscPlot(curves, {
    boxPx: fsc.boxPx,
    pixelSizeA: fsc.pixelSizeA,
    left: PAGE_GAP,
    top,
    width: WIDTH - 2 * PAGE_GAP,
    height: PLOT_HEIGHT,
  });
  return svgPage([plot], { width: WIDTH, height: top + PLOT_HEIGHT + 12, title, notes });
}

/** The same numbers for machines. */
export function fscRecord(fsc: MeasuredFsc) {
  const { boxPx, pixelSizeA, masked } = fsc;
  return {
    boxPx,
    pixelSizeA,
    mask: fsc.maskName,
    randomisedBeyondA: randomisedBeyondA(fsc),
    randomisations: masked ? fsc.randomisationCount : 0,
    shells: Array.from(fsc.unmasked, (unmasked, shell) => ({
      shell,
      resolutionA: shell > 0 ? shellToResolutionA(shell, boxPx, pixelSizeA) : null,
      unmasked,
      ...(masked
        ? { masked: masked.masked[shell], randomised: masked.randomised[shell], corrected: masked.corrected[shell] }
        : {}),
    })),
  };
}
