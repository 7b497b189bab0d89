import { gatherShares, ownShare } from "../comm/share.ts";
import { DataError } from "../core/errors.ts";
import { makeReference } from "../expectation/reference.ts";
import { scanGlobally } from "../expectation/scan.ts";
import { resolutionToShell } from "../geometry/shells.ts";
import { floorSpectrum } from "../maximization/model-update.ts";
import { loadImageSet } from "../particles/image-set.ts";
import { imageModelOf } from "./image-model-of.ts";
import { prepareReference, readMapOnGrid } from "./prepare-reference.ts";
import type { RunContext } from "./run-context.ts";
import { baseScanShell, makeScanGrid, scanShell } from "./schedule.ts";
import type { HalfState, RefinementState } from "./state.ts";

/** Numbers that a block of images gives to the grey scale. */
const PROFILE_SUMS = 4;
/** Images per half-set that the first noise spectrum and the grey scale of the reference are measured on. */
const SAMPLE = 1000;
/** The best of many poses gains 1 to 2 more or less by chance in one image: a sum over n images scatters by some √n. */
const CHANCE_GAIN = 5;

/** State before the first round: filtered reference in the images' grey scale, first noise spectra. */
export async function initialState(context: RunContext): Promise<RefinementState> {
  const { data, options, largestShell } = context;
  const n = data.table.count;
  const shells = largestShell + 1;
  const grid = { boxPx: data.boxPx, pixelSizeA: data.pixelSizeA };
  const map = readMapOnGrid(options.reference, grid, context.log);
  const reference = await prepareReference(
    map,
    options.reference,
    grid,
    options.initialResolutionA,
    context.givenMask ?? context.sphereMask,
    context.fft,
  );
  const half = (): HalfState => ({
    reference,
    sigma2: new Float64Array(data.noiseGroupCount * shells).fill(1),
    groupScale: new Float64Array(data.scaleGroupCount).fill(1),
    shiftSigmaPx: Math.max(1, options.offsetSigmaA / data.pixelSizeA),
    goodShare: 0.9,
  });
  const isLocal = options.stages.startsWith("local");
  if (isLocal && !data.table.hasPoses) {
    throw new DataError(
      `${options.particles}: --stages ${options.stages} needs poses (rlnAngleRot, rlnAngleTilt, rlnAnglePsi), and it has none. Use --stages global,local.`,
    );
  }
  const radius = Math.round(resolutionToShell(options.initialResolutionA, data.boxPx, data.pixelSizeA));
  const state: RefinementState = {
    round: 0,
    stage: isLocal ? "local" : "global",
    isRelook: false,
    isRelaxed: false,
    radiusShell: Math.min(largestShell, Math.max(radius, 4)),
    relooksDone: 0,
    finished: null,
    history: [],
    halves: [half(), half()],
    fsc: new Float64Array(Math.floor(data.boxPx / 2) + 1),
    norm: new Float32Array(n).fill(1),
    rotation: Float32Array.from(data.table.rotation),
    shiftPx: isLocal ? data.shiftPx.slice() : new Float32Array(2 * n),
    good: new Float32Array(n),
    logEvidence: new Float32Array(n),
    maxWeight: new Float32Array(n),
    ess: new Float32Array(n),
    rejected: data.rejected.slice(),
  };
  for (const h of [0, 1] as const) state.halves[h].sigma2 = await firstSigma2(context, state, h);
  const scale = await greyScale(context, state);
  context.log.event("note", { message: `grey scale of the reference: ${scale.toPrecision(4)}` });
  const scaled = reference.map((value) => value * scale);
  for (const h of state.halves) h.reference = scaled;
  return state;
}

/** σ² = half the mean power of the unmasked images per group and shell: signal included, so the first posteriors are cautious. */
async function firstSigma2(context: RunContext, state: RefinementState, half: 0 | 1): Promise<Float64Array> {
  const { data, device } = context;
  const band = context.band.band;
  const shells = context.largestShell + 1;
  const out = new Float64Array(data.noiseGroupCount * shells);
  const count = new Float64Array(data.noiseGroupCount);
  const rows = data.halves[half];
  const model = imageModelOf(context, state);
  for (let first = 0; first < rows.length; first += context.blockSize) {
    const wanted = rows.slice(first, first + context.blockSize).filter((p) => count[data.noiseGroup[p]!]! < SAMPLE);
    if (wanted.length === 0) continue;
    const set = await loadImageSet(device, context.band, data.reader, model, wanted, {
      half,
      mask: null,
      isRecentred: false,
    });
    const planes = (await device.read(set.args.images)) as Float32Array;
    set.free();
    wanted.forEach((p, i) => {
      const g = data.noiseGroup[p]! * shells;
      const re = 2 * i * band.pixelCount;
      count[data.noiseGroup[p]!]!++;
      for (let k = 0; k < band.pixelCount; k++) {
        out[g + band.shell[k]!]! += planes[re + k]! ** 2 + planes[re + band.pixelCount + k]! ** 2;
      }
    });
  }
  for (let g = 0; g < count.length; g++) {
    for (let s = 0; s < shells; s++) {
      const pixels = band.shellStart[s + 1]! - band.shellStart[s]!;
      out[g * shells + s] = count[g]! > 0 ? out[g * shells + s]! / (2 * pixels * count[g]!) : 1;
    }
    out[g * shells] = out[g * shells + 1]!;
    floorSpectrum(out.subarray(g * shells, (g + 1) * shells));
  }
  return out;
}

/**
 * One global scale for a reference of unknown grey scale: maximised out per pose in a first scan (or taken at the given poses), then Σ cross / Σ norm.
 * Throws when the images fit the inverted reference better.
 */
async function greyScale(context: RunContext, state: RefinementState): Promise<number> {
  const blocks = ([0, 1] as const).flatMap((half) => {
    const rows = context.data.halves[half].slice(0, SAMPLE);
    const count = Math.ceil(rows.length / context.blockSize);
    return Array.from({ length: count }, (_, b) => ({
      half,
      rows: rows.slice(b * context.blockSize, (b + 1) * context.blockSize),
    }));
  });
  // Each rank looks at some of the blocks; all add them up in the same order.
  const profiles = new Float64Array(PROFILE_SUMS * blocks.length);
  const { first, end } = ownShare(blocks.length, context.comm);
  for (let b = first; b < end; b++) {
    const sums = await profileBlock(context, state, blocks[b]!.half, blocks[b]!.rows);
    profiles.set([sums.cross, sums.norm, sums.positive, sums.negative], PROFILE_SUMS * b);
  }
  await gatherShares(context.comm, profiles, blocks.length);
  const total = (place: number) => blocks.reduce((sum, _, b) => sum + profiles[PROFILE_SUMS * b + place]!, 0);
  const [cross, norm, positive, negative] = [total(0), total(1), total(2), total(3)];
  const images = context.data.halves.reduce((sum, rows) => sum + Math.min(rows.length, SAMPLE), 0);
  const scatter = CHANCE_GAIN * Math.sqrt(images);
  if (Math.abs(positive - negative) < scatter) {
    const message = `the images fit the reference no better than its inverse (log-likelihood gain ${positive.toFixed(0)} against ${negative.toFixed(0)}): they may hold no particle, or one of inverted contrast.`;
    context.log.event("warning", { message });
  }
  if (!(cross > 0) || negative - positive > scatter) {
    throw new DataError(
      `${context.options.reference}: the images fit the inverted reference better (log-likelihood gain ${negative.toFixed(0)} against ${positive.toFixed(0)}). Contrast inverted? Particles must be bright in both; multiply one of them by −1.`,
    );
  }
  return cross / norm;
}

async function profileBlock(context: RunContext, state: RefinementState, half: 0 | 1, rows: Int32Array) {
  const { data, device, options } = context;
  const model = imageModelOf(context, state);
  const finest = scanShell(state.radiusShell, data.boxPx, data.pixelSizeA, context.diameterA, options.scanResolutionA);
  const shell = baseScanShell(finest, data.boxPx, data.pixelSizeA, context.diameterA);
  const set = await loadImageSet(device, context.band, data.reader, model, rows, {
    half,
    mask: context.imageMask,
    isRecentred: false,
  });
  const reference = makeReference(device, state.halves[half].reference, data.boxPx, options.paddingFactor, shell);
  const sums = { cross: 0, norm: 0, positive: 0, negative: 0 };
  try {
    const grid = makeScanGrid({
      maxShell: shell,
      boxPx: data.boxPx,
      pixelSizeA: data.pixelSizeA,
      diameterA: context.diameterA,
      shiftSigmaPx: state.halves[half].shiftSigmaPx,
      group: context.group,
      seed: options.seed,
      round: 0,
    });
    const { profile } = await scanGlobally(device, set, context.band, reference, grid, {
      keepCount: 1,
      profileScale: true,
      signal: context.signal,
      onProgress: () => {},
    });
    for (let i = 0; i < rows.length; i++) {
      const [best, c, n, inverted] = profile!.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
      sums.positive += best;
      sums.negative += inverted;
      sums.cross += c;
      sums.norm += n;
    }
  } finally {
    reference.free();
    set.free();
  }
  return sums;
}
