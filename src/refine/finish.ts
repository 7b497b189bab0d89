import { writeStarFileAtomic } from "../io/node/star-file.ts";
import { type CorrectedFsc, correctedFsc } from "../map/corrected-fsc.ts";
import { resolutionAt } from "../map/resolution.ts";
import { type Accumulation, accumulate, addAccumulation } from "../maximization/accumulate.ts";
import { reconstructMap } from "../maximization/reconstruct-map.ts";
import { joinedFsc, wienerPrior } from "../maximization/wiener-prior.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { asymmetryResolution } from "./asymmetry-support.ts";
import { imageModelOf } from "./image-model-of.ts";
import { modelDocument } from "./model-star.ts";
import { writeParticles, writeRejected, writeRunMap, writeText } from "./outputs.ts";
import { runPicture } from "./picture.ts";
import { startProfile } from "./profile.ts";
import { mapGroupOf } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFolder } from "./run-folder.ts";
import { solventMaskOf } from "./solvent-mask-of.ts";
import type { RefinementState } from "./state.ts";
import { weightedBlocks } from "./update-model.ts";

/** What a finished run reports: every resolution with its threshold, mask and randomisation point. */
export interface RefineResult {
  readonly folder: string;
  readonly rounds: number;
  readonly reason: string;
  /** Half-map FSC 0.143 inside the mask, the mask's own correlation taken out. */
  readonly resolutionA: number;
  readonly unmaskedResolutionA: number;
  readonly randomisedBeyondA: number;
  /** Where symmetry was relaxed: to what resolution the half maps agree on the deviation from it; null: not at all. */
  readonly relaxed?: { readonly group: string; readonly asymmetryResolutionA: number | null };
  /** What the mask was, and its file. */
  readonly maskName: string;
  readonly mask: string;
  readonly map: string;
  readonly halfMaps: readonly [string, string];
  readonly particles: string;
  readonly picture: string;
}

/**
 * Final reconstruction from the last posteriors, to Nyquist: unfiltered half maps, the regularised map of all particles, poses, FSC curves.
 *
 * @param made  sums of the two half-sets that the last round left, to Nyquist; null: they are made here, with the same bytes. Freed here
 */
export async function finishRun(
  context: RunContext,
  state: RefinementState,
  before: RefinementState,
  store: PosteriorStore,
  folder: RunFolder,
  made: readonly [Accumulation, Accumulation] | null,
): Promise<RefineResult> {
  const { device, data, options } = context;
  context.signal.throwIfAborted();
  const { boxPx, pixelSizeA } = data;
  // The posteriors were computed with the noise, norm and scale that the last round started from: so is the insertion.
  // Defocus and astigmatism are the last ones found.
  const model = imageModelOf(context, state.defocus ? { ...before, defocus: state.defocus } : before);
  const profile = startProfile(context);
  const largestNorm = before.norm.reduce((a, b) => Math.max(a, b), 0);
  const sums: Accumulation[] = [...(made ?? [])];
  try {
    for (const half of made === null ? ([0, 1] as const) : []) {
      sums.push(
        await accumulate(device, context.band, data.reader, model, weightedBlocks(context, store, half, state.good), {
          half,
          maxShell: context.largestShell,
          paddingFactor: options.paddingFactor,
          group: mapGroupOf(context, before),
          particleCount: data.halves[half].length,
          largestAmplitude: data.largestAmplitude * largestNorm,
          ranks: context.modelRanks,
          signal: context.signal,
        }),
      );
    }
    const griddingIterations = options.griddingIterations;
    const halfMaps = [
      await reconstructMap(device, sums[0]!, { boxPx, prior: null, griddingIterations }),
      await reconstructMap(device, sums[1]!, { boxPx, prior: null, griddingIterations }),
    ] as const;
    const reached = state.history[state.history.length - 1]!.shell0143;
    const solvent = await solventMaskOf(context, "auto", halfMaps, (boxPx * pixelSizeA) / reached);
    const curves = await correctedFsc(halfMaps[0], halfMaps[1], {
      boxPx,
      mask: solvent.mask,
      fft: context.fft,
      seed: options.seed,
    });
    if (context.mates && !before.isRelaxed) {
      const message = `the run ended before the symmetry was relaxed: the map has ${context.group.name}. Give --max-rounds more.`;
      context.log.event("warning", { message });
    }
    const relaxed = before.isRelaxed
      ? { group: context.group.name, asymmetryResolutionA: await asymmetryResolution(context, halfMaps) }
      : null;
    await addAccumulation(device, sums[0]!, sums[1]!);
    // The map is looked at inside the mask: its filter is made from the FSC there, the mask's own correlation taken out.
    const prior = wienerPrior(joinedFsc(smoothed(curves.corrected)), sums[0]!.meanWeight);
    const map = await reconstructMap(device, sums[0]!, { boxPx, prior, griddingIterations });
    // A mask made from the maps serves alignment and FSC; what it would cut off stays in the map, inside the sphere.
    const shown = context.givenMask ?? context.sphereMask;
    for (let i = 0; i < map.length; i++) map[i]! *= shown[i]!;
    const files = {
      map: folder.file("run_class001.mrc"),
      halfMaps: [folder.file("run_half1_class001_unfil.mrc"), folder.file("run_half2_class001_unfil.mrc")] as const,
      particles: folder.file("run_data.star"),
      mask: folder.file("run_mask.mrc"),
      picture: folder.file("run_summary.svg"),
    };
    const result: RefineResult = {
      folder: folder.path,
      rounds: state.round,
      reason: state.finished ?? "",
      resolutionA: resolutionAt(curves.corrected, 0.143, boxPx, pixelSizeA).resolutionA,
      unmaskedResolutionA: resolutionAt(curves.unmasked, 0.143, boxPx, pixelSizeA).resolutionA,
      randomisedBeyondA: (boxPx * pixelSizeA) / Math.max(curves.lastTrueShell, 1),
      maskName: solvent.name,
      ...(relaxed ? { relaxed } : {}),
      ...files,
    };
    if (context.isFirst) {
      writeRunMap(files.mask, solvent.mask, data);
      writeRunMap(files.map, map, data);
      writeRunMap(files.halfMaps[0], halfMaps[0], data);
      writeRunMap(files.halfMaps[1], halfMaps[1], data);
      writeParticles(files.particles, context, state);
      writeRejected(folder, context, state);
      const model = folder.file("run_model.star");
      writeStarFileAtomic(model, modelDocument(context, { ...state, fsc: curves.unmasked }, model));
      writeText(folder.file("run_fsc.json"), `${JSON.stringify(fscRecord(context, curves, solvent.name), null, 1)}\n`);
      writeText(files.picture, runPicture(context, map, curves, mapGroupOf(context, before).name, result));
    }
    await context.comm.barrier();
    await profile(state.round, "final");
    return result;
  } finally {
    for (const s of sums) s.free();
  }
}

/** Mean of each shell and its neighbours: single shells of an FSC scatter, and a filter that follows them rings. */
function smoothed(fsc: Float64Array): Float64Array {
  return fsc.map((value, s) => (s === 0 || s === fsc.length - 1 ? value : (fsc[s - 1]! + value + fsc[s + 1]!) / 3));
}

function fscRecord(context: RunContext, curves: CorrectedFsc, mask: string) {
  const { boxPx, pixelSizeA } = context.data;
  return {
    boxPx,
    pixelSizeA,
    threshold: 0.143,
    mask,
    randomisedBeyondShell: curves.lastTrueShell,
    shells: Array.from(curves.unmasked, (unmasked, shell) => ({
      shell,
      resolutionA: shell > 0 ? (boxPx * pixelSizeA) / shell : null,
      unmasked,
      masked: curves.masked[shell],
      randomised: curves.randomised[shell],
      corrected: curves.corrected[shell],
    })),
  };
}
