/** Everything that post-processing finds out about two half maps. */

import type { Device } from "../device/types.ts";
import type { Anisotropy } from "../map/anisotropy.ts";
import { correctedFsc } from "../map/corrected-fsc.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import type { Fft3 } from "../map/fft3.ts";
import { type LocalResolution, localResolution } from "../map/local-resolution.ts";
import { HALF_MAP_THRESHOLD, resolutionAt, TRUTH_THRESHOLD } from "../map/resolution.ts";
import { type Sharpened, sharpenMap } from "../map/sharpen.ts";
import type { PostprocessOptions } from "../options/postprocess-options.ts";
import type { MeasureContext } from "./context.ts";
import { CROSS_SCORE_LABEL, type CrossScores, measureCrossScores } from "./cross-scores.ts";
import { measureDirections } from "./directional-report.ts";
import { type MeasuredFsc, type NamedResolution, namedResolution } from "./fsc-report.ts";
import { type LocalFigures, localFigures } from "./local-report.ts";
import type { MapPair } from "./map-pair.ts";
import { type NamedMask, postprocessMask } from "./measured-mask.ts";
import { modelFsc, type PlacedModel, placeModel } from "./model-fsc.ts";
import { measureOrientations, type Orientations } from "./orientations.ts";
import { goodShareOf, type ParticleScore, readParticleScores, scoreOf } from "./particle-scores.ts";
import { readMtf } from "./read-mtf.ts";
import { readViews } from "./views.ts";

export interface Measurements {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly mask: NamedMask;
  readonly fsc: MeasuredFsc;
  /** FSC 0.143, corrected. */
  readonly resolution: NamedResolution;
  /** FSC 0.143, no mask. */
  readonly unmasked: NamedResolution;
  readonly sharpened: Sharpened;
  readonly anisotropy: Anisotropy;
  readonly local: { readonly maps: LocalResolution; readonly figures: LocalFigures } | null;
  readonly orientations: Orientations | null;
  readonly scores: readonly ParticleScore[];
  readonly goodShare: number | null;
  /** Null unless asked for. */
  readonly crossScores: CrossScores | null;
  /** Map to model, inside the mask, at FSC 0.5. */
  readonly model: (PlacedModel & { readonly fsc: Float64Array; readonly resolutionA: number }) | null;
}

export interface MeasureInput {
  readonly options: PostprocessOptions;
  readonly pair: MapPair;
  readonly particles: string | null;
  readonly particleRoot: string | null;
  readonly symmetry: string;
  /** Where voxel 0 lies by the half map's header, Å. */
  readonly mapOriginA: readonly [number, number, number];
  readonly device: Device;
}

export async function measureHalves(input: MeasureInput, context: MeasureContext): Promise<Measurements> {
  const { options, pair, device } = input;
  const fft = deviceFft3(device);
  const { boxPx, pixelSizeA, first, second } = pair;
  const { seed, randomisations: randomisationCount } = options;
  // What is read comes first: a wrong file is said before anything is computed.
  const views = input.particles === null ? null : readViews(input.particles);
  const mtf = options.mtf === null ? null : readMtf(options.mtf, options.mtfPixelSizeA || pixelSizeA);
  const placed =
    options.model === null
      ? null
      : placeModel(options.model, { boxPx, pixelSizeA, mapOriginA: input.mapOriginA, frame: options.modelFrame });
  const average = first.map((value, i) => 0.5 * (value + second[i]!));
  const mask = await postprocessMask(options, pair, average, fft);
  const curves = await correctedFsc(first, second, { boxPx, mask: mask.mask, fft, seed, randomisationCount });
  const fsc: MeasuredFsc = {
    boxPx,
    pixelSizeA,
    unmasked: curves.unmasked,
    masked: curves,
    maskName: mask.name,
    randomisationCount,
  };
  const resolution = namedResolution(fsc, "corrected", HALF_MAP_THRESHOLD);
  const unmasked = namedResolution(fsc, "unmasked", HALF_MAP_THRESHOLD);
  const sharpened = await sharpenMap(average, {
    boxPx,
    pixelSizeA,
    fft,
    fsc: curves.corrected,
    mtf,
    bFactorA2: options.bFactor === "auto" ? "fit" : Number(options.bFactor),
    fitFromA: options.fitFromA,
    fitToA: options.fitToA || resolution.resolutionA,
    lowPassA: options.lowPassA || resolution.resolutionA,
  });
  if (options.bFactor === "auto" && sharpened.fit === null) {
    context.log.event("warning", {
      message:
        `no B-factor could be fitted: fewer than three shells between ${options.fitFromA} Å and ` +
        `${(options.fitToA || resolution.resolutionA).toFixed(2)} Å. The map is not sharpened; --fit-from starts the fit elsewhere.`,
    });
  }
  const anisotropy = await measureDirections({ ...pair, mask: mask.mask, curves, fft, seed });
  const local = options.skipLocalResolution
    ? null
    : await localResolution(first, second, sharpened.unfiltered, {
        boxPx,
        pixelSizeA,
        fft,
        threshold: options.localThreshold,
        worstA: options.localWorstA,
        windowA: options.localWindowA,
        signal: context.signal,
        onBand: (done, total) => context.log.event("postprocess.band", { done, total }),
      });
  const resolutionShell = (boxPx * pixelSizeA) / resolution.resolutionA;
  const { particles, particleRoot } = input;
  const { resolutionA } = resolution;
  const crossScores =
    options.scoreParticles && particles !== null
      ? await measureCrossScores(device, { particles, particleRoot, pair, mask: mask.mask, resolutionA }, context)
      : null;
  const scores = views ? readParticleScores(views.table) : [];
  if (crossScores) scores.push(scoreOf(CROSS_SCORE_LABEL, "correlation with the other half's map", crossScores.score));
  return {
    boxPx,
    pixelSizeA,
    mask,
    fsc,
    resolution,
    unmasked,
    sharpened,
    anisotropy,
    local: local && { maps: local, figures: localFigures(local, mask.mask, options.localThreshold, mask.name) },
    orientations: views && measureOrientations(views, input.symmetry, resolutionShell),
    scores,
    goodShare: goodShareOf(scores),
    crossScores,
    model: placed && (await measureModel(placed, average, mask.mask, pair, fft)),
  };
}

async function measureModel(placed: PlacedModel, map: Float32Array, mask: Float32Array, pair: MapPair, fft: Fft3) {
  const fsc = await modelFsc(map, placed, mask, pair.boxPx, fft);
  const { resolutionA } = resolutionAt(fsc, TRUTH_THRESHOLD, pair.boxPx, pair.pixelSizeA);
  return { ...placed, fsc, resolutionA };
}
