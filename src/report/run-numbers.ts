/** Everything a report shows, as numbers: what report.json holds. Arrays over shells begin at shell 0. */
export interface RunNumbers {
  readonly format: "vitreous-report-1";
  readonly version: string;
  readonly folder: string;
  readonly started: string;
  readonly isFinished: boolean;
  /** Why the run stopped; null while it is under way. */
  readonly reason: string | null;
  readonly symmetry: string;
  readonly particleCount: number;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Wall-clock time of all rounds. */
  readonly elapsedMs: number;
  readonly resolution: ResolutionNumbers | null;
  readonly fsc: FscNumbers;
  readonly rounds: readonly RoundNumbers[];
  readonly noise: readonly NoiseNumbers[];
  readonly particles: ParticleNumbers;
  readonly micrographs: readonly MicrographNumbers[];
  readonly rejected: readonly { readonly reason: string; readonly count: number }[];
  readonly warnings: readonly string[];
  readonly device: string;
  readonly hostName: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What vitreous postprocess found, where it was run on this folder. */
  readonly postprocess: PostprocessNumbers | null;
}

/** Figures of postprocess/postprocess.json that the page shows; null where that run did not measure them. */
export interface PostprocessNumbers {
  readonly path: string;
  readonly resolutionA: number | null;
  readonly mask: string | null;
  readonly bFactorA2: number | null;
  /** Directional FSC: smallest over largest area, and the finest and coarsest direction, Å. */
  readonly areaRatio: number | null;
  readonly finestA: number | null;
  readonly coarsestA: number | null;
  readonly localMedianA: number | null;
  readonly samplingCompensation: number | null;
  /** Å, to the model given. */
  readonly modelResolutionA: number | null;
}

export interface ResolutionNumbers {
  readonly threshold: number;
  /** Å, inside the mask, the mask's own correlation taken out. */
  readonly resolutionA: number;
  readonly unmaskedResolutionA: number;
  readonly mask: string;
  readonly randomisedBeyondA: number;
}

/** [shell]; a curve that was not measured is null. */
export interface FscNumbers {
  readonly unmasked: readonly number[];
  readonly masked: readonly number[] | null;
  readonly randomised: readonly number[] | null;
  readonly corrected: readonly number[] | null;
}

export interface RoundNumbers {
  readonly round: number;
  readonly stage: string;
  readonly resolutionInUseA: number | null;
  readonly resolution05A: number;
  readonly resolution0143A: number;
  readonly movedDeg: number;
  readonly shiftMovedA: number | null;
  readonly rotationSdDeg: number | null;
  readonly goodShare: number;
  readonly elapsedMs: number | null;
}

export interface NoiseNumbers {
  readonly group: string;
  /** [half][shell] variance per real component, in the file's units. */
  readonly half1: readonly number[];
  readonly half2: readonly number[];
}

/** Counts of values between neighbouring edges. */
export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
  readonly median: number;
}

export interface ParticleNumbers {
  readonly halfCounts: readonly [number, number];
  readonly goodCount: number | null;
  readonly goodProbability: Histogram | null;
  /** Largest share of an image's posterior in one pose. */
  readonly maxProbability: Histogram | null;
  readonly logLikelihood: Histogram | null;
  /** µm, (U + V) / 2. */
  readonly defocusUm: Histogram | null;
  readonly shifts: ShiftNumbers | null;
  readonly views: ViewNumbers | null;
}

/** Square grid of counts, row by row from the smallest y, over −limitA … limitA on both axes. */
export interface ShiftNumbers {
  readonly limitA: number;
  readonly side: number;
  readonly counts: readonly number[];
  readonly medianA: number;
}

/** Particles per equal-area direction (HEALPix ring order), each particle counted with its symmetry mates. */
export interface ViewNumbers {
  readonly nside: number;
  readonly counts: readonly number[];
  /** Particles, before mates. */
  readonly particleCount: number;
  /** Share of directions with less than a tenth of the mean. */
  readonly emptyShare: number;
  /** Largest count over the mean. */
  readonly peak: number;
}

export interface MicrographNumbers {
  readonly name: string;
  readonly particleCount: number;
  readonly goodShare: number;
}
