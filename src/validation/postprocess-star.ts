import { shellToResolutionA } from "../geometry/shells.ts";
import { type StarDocument, starBlock } from "../io/star/document.ts";
import { makeStarTable } from "../io/star/table.ts";
import type { Sharpened } from "../map/sharpen.ts";
import { fscStarBlock, type MeasuredFsc, type NamedResolution } from "./fsc-report.ts";

/** Stands for the logarithm of nothing, as in RELION's files. */
const LN_NOTHING = -99;

/** postprocess.star: data_general, data_fsc and data_guinier under RELION's labels. */
export function postprocessDocument(
  where: string,
  input: {
    readonly fsc: MeasuredFsc;
    readonly resolution: NamedResolution;
    readonly sharpened: Sharpened;
    readonly halfMaps: readonly [string, string];
  },
): StarDocument {
  const { fsc, resolution, sharpened, halfMaps } = input;
  const { boxPx, pixelSizeA } = fsc;
  // The first shell with new phases, which is how RELION names the point.
  const randomiseFromA = shellToResolutionA((fsc.masked?.lastTrueShell ?? 0) + 1, boxPx, pixelSizeA);
  const fit = sharpened.fit;
  const general = makeStarTable(where, [
    { label: "rlnFinalResolution", numbers: [resolution.resolutionA] },
    { label: "rlnBfactorUsedForSharpening", numbers: [sharpened.bFactorA2] },
    { label: "rlnUnfilteredMapHalf1", texts: [halfMaps[0]] },
    { label: "rlnUnfilteredMapHalf2", texts: [halfMaps[1]] },
    { label: "rlnMaskName", texts: [fsc.maskName] },
    { label: "rlnRandomiseFrom", numbers: [randomiseFromA] },
    { label: "vitResolutionThreshold", numbers: [resolution.threshold] },
    { label: "vitResolutionCurve", texts: [resolution.curve] },
    ...(fit
      ? [
          { label: "rlnFittedInterceptGuinierPlot", numbers: [fit.intercept] },
          { label: "rlnFittedSlopeGuinierPlot", numbers: [fit.bFactorA2 / 4] },
          { label: "rlnCorrelationFitGuinierPlot", numbers: [fit.correlation] },
        ]
      : []),
  ]);
  const { curves } = sharpened;
  const shown = (values: Float64Array) => values.map((value) => (Number.isFinite(value) ? value : LN_NOTHING));
  const guinier = makeStarTable(where, [
    {
      label: "rlnResolutionSquared",
      numbers: curves.original.map((_, shell) => (shell / (boxPx * pixelSizeA)) ** 2),
    },
    { label: "rlnLogAmplitudesOriginal", numbers: shown(curves.original) },
    ...(curves.mtfCorrected === curves.original
      ? []
      : [{ label: "rlnLogAmplitudesMTFCorrected", numbers: shown(curves.mtfCorrected) }]),
    { label: "rlnLogAmplitudesWeighted", numbers: shown(curves.weighted) },
    { label: "rlnLogAmplitudesSharpened", numbers: shown(curves.sharpened) },
  ]);
  return {
    where,
    blocks: [starBlock("general", general, false), fscStarBlock(fsc, where), starBlock("guinier", guinier)],
    trailingComments: [],
  };
}
