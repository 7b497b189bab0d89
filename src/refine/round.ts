import { shellToResolutionA } from "../geometry/shells.ts";
import { fscFromTransforms } from "../map/fsc.ts";
import { resolutionAt } from "../map/resolution.ts";
import { type Accumulation, accumulate } from "../maximization/accumulate.ts";
import { floorSpectrum } from "../maximization/model-update.ts";
import { reconstructMap } from "../maximization/reconstruct-map.ts";
import { wienerPrior } from "../maximization/wiener-prior.ts";
import type { PosteriorStore } from "../posterior/store.ts";
import { decide } from "./convergence.ts";
import { expectRound } from "./expect-round.ts";
import { imageModelOf } from "./image-model-of.ts";
import { joinLowShells, joinShellOf } from "./join-low-shells.ts";
import { measureRound } from "./measure-round.ts";
import { fscInsideMask, noiseShareOf, ownShareOf } from "./own-share.ts";
import { startProfile } from "./profile.ts";
import { relaxSymmetry } from "./relax-symmetry.ts";
import { mapGroupOf } from "./relaxation.ts";
import type { RunContext } from "./run-context.ts";
import { angularStepRad, insertedShellOf, nextRadius, scanShell } from "./schedule.ts";
import { solventMaskOf } from "./solvent-mask-of.ts";
import type { RefinementState } from "./state.ts";
import { movedA, updateDefocus } from "./update-defocus.ts";
import { updateModel, weightedBlocks } from "./update-model.ts";

export interface RoundResult {
  readonly state: RefinementState;
  /** Unregularised half maps of the round. */
  readonly halfMaps: readonly [Float32Array, Float32Array];
  /** After the last round, where its insertion went to Nyquist: the sums that the final maps are made from, the caller's to free. */
  readonly finalSums: readonly [Accumulation, Accumulation] | null;
}

/** One round: every image against its half's reference (E), every image into its half's map (M), and what follows from the two. */
export async function runRound(
  context: RunContext,
  state: RefinementState,
  store: PosteriorStore,
  previous: PosteriorStore | null,
): Promise<RoundResult> {
  const { device, data, options, log } = context;
  const started = performance.now();
  const round = state.round + 1;
  const { boxPx, pixelSizeA } = data;
  log.event("round.start", {
    round,
    stage: state.stage,
    isRelook: state.isRelook,
    radiusShell: state.radiusShell,
    resolutionA: shellToResolutionA(state.radiusShell, boxPx, pixelSizeA),
    angularStepDeg:
      (angularStepRad(shellToResolutionA(state.radiusShell, boxPx, pixelSizeA), context.diameterA) * 180) / Math.PI,
  });
  const profile = startProfile(context);
  await expectRound(context, state, store, previous, round);
  await profile(round, "expectation");
  const expected = performance.now();
  log.event("maximization.start", { round, elapsedMs: Math.round(expected - started) });
  const group = mapGroupOf(context, state);
  const insertedShell = insertedShellOf(state.radiusShell, context.largestShell);
  const sums: Accumulation[] = [];
  try {
    const update = await updateModel(context, state, store);
    const defocus =
      state.stage === "defocus"
        ? await updateDefocus(context, state, store, update.particles.good, update.particles.rejected)
        : state.defocus;
    const model = imageModelOf(context, defocus ? { ...state, defocus } : state);
    for (const half of [0, 1] as const) {
      sums.push(
        await accumulate(device, context.band, data.reader, model, weightedBlocks(context, store, half, update.good), {
          half,
          maxShell: insertedShell,
          paddingFactor: options.paddingFactor,
          group,
          particleCount: data.halves[half].length,
          largestAmplitude: data.largestAmplitude * update.largestNorm,
          ranks: context.modelRanks,
          signal: context.signal,
        }),
      );
    }
    // One after the other: ranks that hold slabs talk, and two talks at once would mix the half-sets.
    const unregularised = { boxPx, prior: null, griddingIterations: options.griddingIterations };
    const halfMaps = [
      await reconstructMap(device, sums[0]!, unregularised),
      await reconstructMap(device, sums[1]!, unregularised),
    ] as const;
    const transforms = [];
    for (const map of halfMaps) transforms.push(await context.fft.forward(map, boxPx));
    const fsc = fscFromTransforms(transforms[0]!, transforms[1]!, boxPx).fill(0, insertedShell + 1);
    const shell0143 = resolutionAt(fsc, 0.143, boxPx, pixelSizeA);
    // Defocus shows in shells where a half map of the whole sphere is mostly noise.
    const isMasked = options.solventMask === "auto" || state.stage === "defocus";
    const maskKind = isMasked ? "auto" : "sphere";
    const { mask } = await solventMaskOf(context, maskKind, halfMaps, shell0143.resolutionA);
    const weightFsc = state.stage === "defocus" ? fscInsideMask(fsc, noiseShareOf(mask)) : fsc;
    const references: Float32Array[] = [];
    for (const s of sums) {
      const prior = wienerPrior(weightFsc, s.meanWeight);
      references.push(
        await reconstructMap(device, s, { boxPx, prior, griddingIterations: options.griddingIterations }),
      );
    }
    const joined = await joinLowShells(references[0]!, references[1]!, boxPx, joinShellOf(context), context.fft);
    for (const reference of joined) for (let i = 0; i < reference.length; i++) reference[i]! *= mask[i]!;
    const record = measureRound(context, state, update, {
      round,
      insertedShell,
      shell05: resolutionAt(fsc, 0.5, boxPx, pixelSizeA).crossingShell,
      shell0143: shell0143.crossingShell,
      elapsedMs: Math.round(performance.now() - started),
      ...(state.stage === "defocus" && defocus ? { defocusMovedA: movedA(state, defocus) } : {}),
    });
    const ownShare = (half: 0 | 1) => ownShareOf(data.halves[half].length * group.order, mask, weightFsc);
    const next: RefinementState = {
      ...update.particles,
      round,
      stage: state.stage,
      isRelook: false,
      isRelaxed: state.isRelaxed,
      radiusShell: nextRadius(record.shell05, record.shell0143, context.largestShell),
      relooksDone: state.relooksDone + (state.isRelook ? 1 : 0),
      finished: null,
      history: [...state.history, record],
      fsc,
      ...(defocus ? { defocus } : {}),
      halves: [
        { ...update.halves[0], reference: joined[0], ownShare: ownShare(0) },
        { ...update.halves[1], reference: joined[1], ownShare: ownShare(1) },
      ],
    };
    for (const half of next.halves) floorSpectrum(half.sigma2);
    log.event("round.done", {
      ...record,
      resolution05A: (boxPx * pixelSizeA) / record.shell05,
      resolution0143A: (boxPx * pixelSizeA) / record.shell0143,
      expectationMs: Math.round(expected - started),
      maximizationMs: Math.round(performance.now() - expected),
    });
    await profile(round, "maximization");
    const decided = await withDecision(context, next);
    const isFinal = decided.finished !== null && insertedShell === context.largestShell;
    const [first, second] = isFinal ? sums.splice(0) : [];
    return {
      state: decided,
      halfMaps,
      finalSums: first && second ? [first, second] : null,
    };
  } finally {
    for (const s of sums) s.free();
  }
}

async function withDecision(context: RunContext, state: RefinementState): Promise<RefinementState> {
  const { boxPx, pixelSizeA } = context.data;
  const shell = scanShell(state.radiusShell, boxPx, pixelSizeA, context.diameterA, context.options.scanResolutionA);
  const decision = decide(state, {
    stages: context.options.stages,
    maxRounds: context.options.maxRounds,
    relookRounds: context.options.relookRounds,
    relaxesSymmetry: context.mates !== null,
    scanStepDeg: (angularStepRad(shellToResolutionA(shell, boxPx, pixelSizeA), context.diameterA) * 180) / Math.PI,
  });
  if (decision.finished === null && (decision.stage !== state.stage || decision.isRelook)) {
    context.log.event("stage.change", {
      from: state.stage,
      to: decision.stage,
      isRelook: decision.isRelook,
      reason: decision.reason,
    });
  }
  const next = { ...state, stage: decision.stage, isRelook: decision.isRelook, finished: decision.finished };
  return decision.isRelaxed && !state.isRelaxed ? relaxSymmetry(context, next) : next;
}
