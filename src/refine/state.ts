import { DataError } from "../core/errors.ts";

export type Stage = "global" | "local" | "defocus";

/** What a round measured: one row of the history, of round.done and of run_model.star. */
export interface RoundRecord {
  readonly round: number;
  readonly stage: Stage;
  readonly isRelook: boolean;
  readonly radiusShell: number;
  readonly insertedShell: number;
  /** First crossing of the unmasked half-map FSC, in shells (interpolated). */
  readonly shell05: number;
  readonly shell0143: number;
  readonly movedDeg: number;
  readonly shiftMovedA: number;
  /** Share of particles whose orientation moved by more than the scan's step. */
  readonly jumpedShare: number;
  readonly meanEss: number;
  readonly meanRotationSdDeg: number;
  readonly meanShiftSdPx: number;
  readonly goodShare: number;
  readonly failedCount: number;
  /** Root mean square change of the particles' defocus in this round, Å; only in the defocus stage. */
  readonly defocusMovedA?: number;
  /** Only where symmetry is relaxed: how the particles chose among the mates. */
  readonly mates?: MateChoice;
  readonly elapsedMs: number;
}

export interface MateChoice {
  /** Mean over the particles of the posterior share of the heaviest mate: 1/count when nothing tells them apart. */
  readonly certainty: number;
  /** Share of the particles whose heaviest mate is another than in the round before. */
  readonly changedShare: number;
}

/** State of one half-set at the start of a round. */
export interface HalfState {
  /** [N³] regularised, masked, low shells joined: what images are compared with. */
  reference: Float32Array;
  /** [shells] share of an image's own inserted band that its slice of the reference returns, times σ²; absent: not written down (an older checkpoint). */
  ownShare?: Float64Array;
  /** [noiseGroups × shells] */
  sigma2: Float64Array;
  /** [scaleGroups] */
  groupScale: Float64Array;
  shiftSigmaPx: number;
  goodShare: number;
}

/** Widths of the defocus stage's priors of one half-set, Å: particle around micrograph, micrograph around the file, astigmatism. */
export interface DefocusPrior {
  readonly particleSigmaA: number;
  readonly micrographSigmaA: number;
  readonly astigmatismSigmaA: number;
}

/** What the defocus stage has found, relative to the file. */
export interface DefocusState {
  /** [particles] change of defocus U and V, and its posterior standard deviation, Å. */
  readonly changeA: Float32Array;
  readonly sdA: Float32Array;
  /** [particles][2] change of (U − V)/2 times cos 2θ and sin 2θ, Å: one for each micrograph and half-set. */
  readonly astigmatismA: Float32Array;
  /** [half] */
  readonly priors: [DefocusPrior | null, DefocusPrior | null];
}

export function makeDefocusState(particleCount: number): DefocusState {
  return {
    changeA: new Float32Array(particleCount),
    sdA: new Float32Array(particleCount),
    astigmatismA: new Float32Array(2 * particleCount),
    priors: [null, null],
  };
}

/** All that a round starts from, and all that a checkpoint keeps. */
export interface RefinementState {
  /** Rounds completed. */
  round: number;
  stage: Stage;
  /** The coming round is a global look at the radius reached. */
  isRelook: boolean;
  /** Symmetry is no longer imposed: particles choose among its mates. */
  isRelaxed: boolean;
  /** Largest shell compared in the coming round. */
  radiusShell: number;
  relooksDone: number;
  /** Set when the run is finished, with why. */
  finished: string | null;
  history: RoundRecord[];
  halves: [HalfState, HalfState];
  /** [shells] of the last round's unregularised, unmasked half maps. */
  fsc: Float64Array;
  /** [particles] norm correction. */
  norm: Float32Array;
  /** [particles][4] and [particles][2]: pose of each particle, absolute shift. */
  rotation: Float32Array;
  shiftPx: Float32Array;
  /** [particles] p(good), log evidence, largest weight, effective sample size, of the last round. */
  good: Float32Array;
  logEvidence: Float32Array;
  maxWeight: Float32Array;
  ess: Float32Array;
  /** [particles] 0: used; else the code of the reason why not. */
  rejected: Uint8Array;
  /** [particles] posterior share of the heaviest mate; set once symmetry is relaxed. */
  mateWeight?: Float32Array;
  /** Set once a round of the defocus stage is done. */
  defocus?: DefocusState;
}

type Arrays = Record<string, Float32Array | Float64Array | Uint8Array>;

function arraysOf(state: RefinementState): Arrays {
  const [a, b] = state.halves;
  return {
    reference0: a.reference,
    reference1: b.reference,
    sigma20: a.sigma2,
    sigma21: b.sigma2,
    ...(a.ownShare && b.ownShare ? { ownShare0: a.ownShare, ownShare1: b.ownShare } : {}),
    groupScale0: a.groupScale,
    groupScale1: b.groupScale,
    fsc: state.fsc,
    norm: state.norm,
    rotation: state.rotation,
    shiftPx: state.shiftPx,
    good: state.good,
    logEvidence: state.logEvidence,
    maxWeight: state.maxWeight,
    ess: state.ess,
    rejected: state.rejected,
    ...(state.mateWeight ? { mateWeight: state.mateWeight } : {}),
    ...(state.defocus
      ? {
          defocusChange: state.defocus.changeA,
          defocusSd: state.defocus.sdA,
          defocusAstigmatism: state.defocus.astigmatismA,
        }
      : {}),
  };
}

/** A state as bytes: a JSON head (scalars and the list of arrays), then the arrays, each aligned to 8 bytes. */
export function encodeState(state: RefinementState): Uint8Array {
  const arrays = Object.entries(arraysOf(state));
  const head = {
    version: 1,
    round: state.round,
    stage: state.stage,
    isRelook: state.isRelook,
    isRelaxed: state.isRelaxed,
    radiusShell: state.radiusShell,
    relooksDone: state.relooksDone,
    finished: state.finished,
    history: state.history,
    defocusPriors: state.defocus?.priors ?? null,
    halves: state.halves.map(({ shiftSigmaPx, goodShare }) => ({ shiftSigmaPx, goodShare })),
    arrays: arrays.map(([name, array]) => ({ name, type: array.constructor.name, length: array.length })),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;
  const out = new Uint8Array(16 + padded(text.length) + arrays.reduce((sum, [, a]) => sum + padded(a.byteLength), 0));
  new DataView(out.buffer).setUint32(0, text.length, true);
  out.set(text, 16);
  let offset = 16 + padded(text.length);
  for (const [, array] of arrays) {
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += padded(array.byteLength);
  }
  return out;
}

const TYPES = { Float32Array, Float64Array, Uint8Array } as const;

/** The inverse of `encodeState`. */
export function decodeState(bytes: Uint8Array, where: string): RefinementState {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + length)));
    if (head.version !== 1) throw new Error(`version ${head.version}`);
    const padded = (n: number) => Math.ceil(n / 8) * 8;
    let offset = 16 + padded(length);
    const arrays: Record<string, unknown> = {};
    for (const { name, type, length: count } of head.arrays as {
      name: string;
      type: keyof typeof TYPES;
      length: number;
    }[]) {
      const size = count * TYPES[type].BYTES_PER_ELEMENT;
      if (offset + size > bytes.byteLength) throw new Error("truncated");
      arrays[name] = new TYPES[type](bytes.slice(offset, offset + size).buffer);
      offset += padded(size);
    }
    const get = <A>(name: string) => arrays[name] as A;
    const half = (h: 0 | 1): HalfState => ({
      reference: get<Float32Array>(`reference${h}`),
      sigma2: get<Float64Array>(`sigma2${h}`),
      groupScale: get<Float64Array>(`groupScale${h}`),
      ...(arrays[`ownShare${h}`] === undefined ? {} : { ownShare: get<Float64Array>(`ownShare${h}`) }),
      ...head.halves[h],
    });
    return {
      round: head.round,
      stage: head.stage,
      isRelook: head.isRelook,
      // A checkpoint from before symmetry could be relaxed does not say.
      isRelaxed: head.isRelaxed ?? false,
      radiusShell: head.radiusShell,
      relooksDone: head.relooksDone,
      finished: head.finished,
      history: head.history,
      halves: [half(0), half(1)],
      fsc: get("fsc"),
      norm: get("norm"),
      rotation: get("rotation"),
      shiftPx: get("shiftPx"),
      good: get("good"),
      logEvidence: get("logEvidence"),
      maxWeight: get("maxWeight"),
      ess: get("ess"),
      rejected: get("rejected"),
      ...(arrays["mateWeight"] === undefined ? {} : { mateWeight: get<Float32Array>("mateWeight") }),
      ...(arrays["defocusChange"] === undefined
        ? {}
        : {
            defocus: {
              changeA: get<Float32Array>("defocusChange"),
              sdA: get<Float32Array>("defocusSd"),
              astigmatismA: get<Float32Array>("defocusAstigmatism"),
              priors: head.defocusPriors,
            },
          }),
    };
  } catch (cause) {
    throw new DataError(
      `${where}: not a checkpoint of this version (${String(cause)}). Start the run again.`,
      {},
      cause,
    );
  }
}
