import { truncateSync, writeFileSync } from "node:fs";
import { DataError, type RefineInput, ResourceError, UsageError, VitreousError } from "../src/index.ts";
import { type TinyDataSet, type TinyDataSetOptions, tinyNoise, tinyParticle } from "./support/tiny-data-set.ts";

type ErrorClass = typeof DataError | typeof ResourceError | typeof UsageError;

export interface WrongRefine {
  readonly what: string;
  readonly data?: TinyDataSetOptions;
  /** Spoils the data set; the options that make the wrong call. */
  readonly spoil: (data: TinyDataSet) => Partial<RefineInput>;
  readonly error: ErrorClass;
  /** Where, expected, got, remedy. */
  readonly says: readonly (string | RegExp)[];
}

/** Each way in which the input of a refinement can be wrong, and what must be said. */
export const wrongRefines: readonly WrongRefine[] = [
  {
    what: "a particle file that is not there",
    spoil: (data) => ({ particles: data.path("absent.star") }),
    error: DataError,
    says: ["absent.star: cannot read", "does not exist", "Check the path."],
  },
  {
    what: "a reference that is not there",
    spoil: (data) => ({ reference: data.path("absent.mrc") }),
    error: DataError,
    says: ["absent.mrc: cannot read", "does not exist"],
  },
  {
    what: "a stack that is not there",
    spoil: (data) => ({ particles: data.edited(/particles\.mrcs/g, "gone.mrcs") }),
    error: DataError,
    says: ["edited.star:", "the stack gone.mrcs does not exist", "--particle-root"],
  },
  {
    what: "a truncated stack",
    spoil: (data) => {
      truncateSync(data.path("particles.mrcs"), 1024 + 4 * 16 * 16 * 5 + 100);
      return {};
    },
    error: DataError,
    says: ["particles.mrcs: truncated: expected 13312 bytes", "got 6244", "Copy or make the file again."],
  },
  {
    what: "a stack cut inside its header",
    spoil: (data) => {
      truncateSync(data.path("particles.mrcs"), 500);
      return {};
    },
    error: DataError,
    says: ["particles.mrcs: truncated: expected an MRC header of 1024 bytes, got 500"],
  },
  {
    what: "an image index beyond the stack",
    spoil: (data) => ({ particles: data.edited("000012@", "000099@") }),
    error: DataError,
    says: [/edited\.star:\d+: image 99 of .*particles\.mrcs, which has 12 images/],
  },
  {
    what: "an image index of 0",
    spoil: (data) => ({ particles: data.edited("000003@", "000000@") }),
    error: DataError,
    says: [/edited\.star:\d+/, "000000@particles.mrcs"],
  },
  {
    what: "a box in the metadata that is not the stack's",
    spoil: (data) => ({ particles: data.edited("4.0 16 2", "4.0 24 2") }),
    error: DataError,
    says: ["box mismatch: the metadata say rlnImageSize 24", "have 16 px"],
  },
  {
    what: "pixel sizes of STAR file and stack that disagree",
    data: { stackPixelSizeA: 3 },
    spoil: () => ({}),
    error: DataError,
    says: ["pixel size mismatch: the metadata say 4 Å", "3.0000 Å", "Correct the wrong one"],
  },
  {
    what: "an odd box",
    data: { boxPx: 17 },
    spoil: () => ({}),
    error: DataError,
    says: ["even number of pixels, got 17", "Crop or pad"],
  },
  {
    what: "missing CTF columns",
    spoil: (data) => ({ particles: data.edited("_rlnDefocusU #3", "_rlnOther #3") }),
    error: DataError,
    says: ["rlnDefocusU"],
  },
  {
    what: "missing optics columns",
    spoil: (data) => ({ particles: data.edited("_rlnVoltage #3", "_rlnOther #3") }),
    error: DataError,
    says: ["data_optics", "rlnVoltage"],
  },
  {
    what: "an optics group without a row",
    spoil: (data) => ({ particles: data.edited("30.0 1\n", "30.0 7\n") }),
    error: DataError,
    says: [/edited\.star:\d+: rlnOpticsGroup 7 has no row in data_optics \(groups: 1\)/],
  },
  {
    what: "text where a number belongs",
    spoil: (data) => ({ particles: data.edited("15000.0", "deep") }),
    error: DataError,
    says: [/edited\.star:\d+: rlnDefocusU: expected a number, got "deep"/],
  },
  {
    what: "images that are all constant",
    data: { pixel: () => 1 },
    spoil: () => ({}),
    error: DataError,
    says: ["no usable image: all 12 are constant or hold values that are not finite"],
  },
  {
    what: "images that are all NaN",
    data: { pixel: () => Number.NaN },
    spoil: () => ({}),
    error: DataError,
    says: ["no usable image"],
  },
  {
    what: "images whose particles are dark",
    data: { pixel: (image, y, x) => tinyNoise(image, y, x) - 4 * tinyParticle(16, y, x) },
    spoil: () => ({}),
    error: DataError,
    says: ["Contrast inverted?", "multiply one of them by −1"],
  },
  {
    what: "a local search without poses",
    spoil: () => ({ stages: "local" }),
    error: DataError,
    says: ["--stages local needs poses", "Use --stages global,local."],
  },
  {
    what: "half-sets asked of a file that has none",
    spoil: () => ({ halfSets: "file" }),
    error: DataError,
    says: ["rlnRandomSubset", "Use --half-sets hash."],
  },
  {
    what: "a file without particles",
    spoil: (data) => ({ particles: data.edited(/000001@[\s\S]*$/, "\n") }),
    error: DataError,
    says: ["has no particles"],
  },
  {
    what: "a mask wider than the box",
    spoil: () => ({ maskDiameterA: 100 }),
    error: UsageError,
    says: ["--mask-diameter: expected at most the box, 64.0 Å, got 100 Å"],
  },
  {
    what: "an unknown symmetry",
    spoil: () => ({ symmetry: "K3" }),
    error: UsageError,
    says: ["refine: symmetry", 'got "K3"'],
  },
  {
    what: "symmetry relaxed to what is no part of it",
    spoil: () => ({ relaxSymmetry: "C4", symmetry: "C3" }),
    error: UsageError,
    says: ["--symmetry C3 under --relax-symmetry", "expected a subgroup of C4 on the same axes, got C3"],
  },
  {
    what: "symmetry relaxed to itself",
    spoil: () => ({ relaxSymmetry: "C4", symmetry: "C4" }),
    error: UsageError,
    says: ["--relax-symmetry C4: expected a larger group than --symmetry", "Leave --symmetry at C1"],
  },
  {
    what: "symmetry relaxed without local search",
    spoil: () => ({ relaxSymmetry: "C4", stages: "global" }),
    error: UsageError,
    says: ["--relax-symmetry C4: expected stages with local search", "Use --stages global,local."],
  },
  {
    what: "symmetry relaxed without shells that the half-sets share",
    spoil: () => ({ relaxSymmetry: "C4", joinResolutionA: 0 }),
    error: UsageError,
    says: ["--relax-symmetry C4: expected --join-resolution above 0 Å, got 0"],
  },
  {
    what: "an unknown symmetry to relax",
    spoil: () => ({ relaxSymmetry: "Q" }),
    error: UsageError,
    says: ["relaxSymmetry", "expected C1, C2", 'got "Q"'],
  },
  {
    what: "less memory than a run needs",
    spoil: () => ({ memoryGb: 1e-4 }),
    error: ResourceError,
    says: ["memory", "--memory"],
  },
  {
    what: "a run folder below a file",
    spoil: (data) => ({ out: data.path("particles.star/run") }),
    error: VitreousError as unknown as ErrorClass,
    says: ["particles.star/run", "is a file, not a folder"],
  },
  {
    what: "a folder that already holds a run",
    spoil: (data) => {
      writeFileSync(data.path("run.json"), "{}");
      return { out: data.folder };
    },
    error: UsageError,
    says: ["already holds a run", "vitreous resume"],
  },
  {
    what: "a reference that is not a cube",
    spoil: (data) => ({ reference: data.path("particles.mrcs") }),
    error: DataError,
    says: ["particles.mrcs: expected a cubic map, got 16 × 16 × 12"],
  },
  {
    what: "a reference that is no MRC file",
    spoil: (data) => ({ reference: data.particles }),
    error: DataError,
    says: ["particles.star"],
  },
];
