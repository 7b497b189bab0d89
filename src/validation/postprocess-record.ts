/** The figures of a post-processing, for machines: postprocess.json and the result of the call. */

import { anisotropyText, extremes } from "./directional-report.ts";
import { type NamedResolution, randomisedBeyondA } from "./fsc-report.ts";
import type { LocalFigures } from "./local-report.ts";
import type { Measurements } from "./measurements.ts";
import type { PostprocessFiles } from "./postprocess-input.ts";

export interface PostprocessRecord {
  readonly halfMaps: readonly [string, string];
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly mask: string;
  readonly randomisedBeyondA: number | null;
  /** FSC 0.143 inside the mask, its own correlation taken out. */
  readonly resolution: NamedResolution;
  readonly unmaskedResolution: NamedResolution;
  readonly bFactorA2: number;
  /** Null where none could be fitted. */
  readonly guinierFit: {
    readonly bFactorA2: number;
    readonly intercept: number;
    readonly correlation: number;
    readonly fromA: number;
    readonly toA: number;
  } | null;
  readonly anisotropy: {
    readonly areaRatio: number;
    readonly finestA: number;
    readonly coarsestA: number;
    readonly text: string;
  };
  readonly local: LocalFigures | null;
  readonly orientations: {
    readonly particleCount: number;
    readonly symmetry: string;
    readonly samplingCompensation: number;
    readonly unsampledShare: number;
    readonly samplingShell: number;
    readonly largestDensity: number;
    readonly emptyShare: number;
  } | null;
  readonly particleScores: readonly {
    readonly label: string;
    readonly meaning: string;
    readonly median: number;
    readonly deviation: number;
    readonly p05: number;
    readonly p95: number;
  }[];
  readonly goodShare: number | null;
  /** Map to model at FSC 0.5, inside the mask. */
  readonly model: {
    readonly path: string;
    readonly resolutionA: number;
    readonly atomCount: number;
    readonly outsideCount: number;
  } | null;
}

export function postprocessRecord(found: Measurements, files: PostprocessFiles): PostprocessRecord {
  const { boxPx, pixelSizeA, sharpened, anisotropy, orientations, model } = found;
  const { fit } = sharpened;
  const [finestA, coarsestA] = extremes(anisotropy.resolutionA);
  return {
    halfMaps: [files.half1, files.half2],
    boxPx,
    pixelSizeA,
    mask: found.mask.name,
    randomisedBeyondA: randomisedBeyondA(found.fsc),
    resolution: found.resolution,
    unmaskedResolution: found.unmasked,
    bFactorA2: sharpened.bFactorA2,
    guinierFit: fit && {
      bFactorA2: fit.bFactorA2,
      intercept: fit.intercept,
      correlation: fit.correlation,
      fromA: (boxPx * pixelSizeA) / fit.firstShell,
      toA: (boxPx * pixelSizeA) / fit.lastShell,
    },
    anisotropy: {
      areaRatio: anisotropy.areaRatio,
      finestA,
      coarsestA,
      text: anisotropyText(anisotropy, found.mask.name),
    },
    local: found.local?.figures ?? null,
    orientations: orientations && {
      particleCount: orientations.count,
      symmetry: orientations.symmetry,
      samplingCompensation: orientations.sampling.compensation,
      unsampledShare: orientations.sampling.unsampledShare,
      samplingShell: orientations.sampling.radiusPx,
      largestDensity: orientations.density.largest,
      emptyShare: orientations.density.emptyShare,
    },
    particleScores: found.scores.map(({ values: _, ...score }) => score),
    goodShare: found.goodShare,
    model: model && {
      path: model.path,
      resolutionA: model.resolutionA,
      atomCount: model.atomCount,
      outsideCount: model.outsideCount,
    },
  };
}
