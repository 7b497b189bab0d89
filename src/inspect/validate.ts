import { DataError } from "../core/errors.ts";
import { type EventLog, silentLog } from "../core/events.ts";
import { readCsFile } from "../io/node/cs-file.ts";
import { nodeFiles } from "../io/node/file-reader.ts";
import { readStarFile } from "../io/node/star-file.ts";
import { completeOptions } from "../options/complete-options.ts";
import { type ValidateInput, type ValidateOptions, validateTable } from "../options/validate-options.ts";
import { particlesFromCs } from "../particles/from-cs.ts";
import { particlesFromStar } from "../particles/from-star.ts";
import { checkCtf, checkHalfSets, checkOptics, checkPoses } from "./check-columns.ts";
import { checkCopies } from "./check-copies.ts";
import { checkFiles } from "./check-files.ts";
import { checkImages, type ImageFigures } from "./check-images.ts";
import { holdsSubtomograms, SUBTOMOGRAMS } from "./describe-star.ts";
import { type Problem, ProblemGroups, type ProblemKind } from "./problem-groups.ts";
import { columnsOfStar, columnsOfTable, type SetColumns } from "./set-columns.ts";

/** The findings of `validate`. */
export interface Validation {
  readonly particles: string;
  readonly particleCount: number;
  readonly stackCount: number;
  readonly micrographCount: number | null;
  readonly opticsGroupCount: number;
  /** null when no image was read. */
  readonly images: ImageFigures | null;
  readonly errorCount: number;
  readonly warningCount: number;
  readonly problems: readonly Problem[];
}

/** Checks a whole particle set and lists every kind of problem with its remedy. A file that is no particle set is a DataError. */
export async function validate(
  input: ValidateInput,
  {
    signal = new AbortController().signal,
    log = silentLog,
  }: { readonly signal?: AbortSignal; readonly log?: EventLog } = {},
): Promise<Validation> {
  const options = completeOptions("validate", validateTable, input);
  const found = new ProblemGroups();
  const { set, refusals } = options.particles.endsWith(".cs") ? readCs(options) : readStar(options, found);
  const needsCtf = !options.withoutCtf;
  checkOptics(set, needsCtf, found);
  checkCtf(set, needsCtf, found);
  checkPoses(set, found);
  checkHalfSets(set, found);
  checkCopies(set, found);
  const locations = {
    files: nodeFiles,
    metadataPath: options.particles,
    ...(options.particleRoot === null ? {} : { root: options.particleRoot }),
  };
  const stacks = checkFiles(set, locations, found);
  const count = options.allImages ? set.count : options.imageCount;
  const images = checkImages(set, stacks, count, nodeFiles, found, { signal, log });
  const isNamed = found.list().some(({ severity }) => severity === "error");
  for (const text of refusals.filter((sentence) => !isNamed || !OWN_CHECKS.test(sentence)))
    found.add(REFUSED, () => text);
  const problems = found.list();
  const total = (severity: string): number =>
    problems.reduce((sum, problem) => sum + (problem.severity === severity ? problem.count : 0), 0);
  return {
    particles: options.particles,
    particleCount: set.count,
    stackCount: set.stackPaths.length,
    micrographCount: set.micrographs?.names.length ?? null,
    opticsGroupCount: set.optics.length,
    images: images ?? null,
    errorCount: total("error"),
    warningCount: total("warning"),
    problems,
  };
}

interface ReadSet {
  readonly set: SetColumns;
  /** Sentences with which the reader of refine refuses the set: the referee, whatever is checked here. */
  readonly refusals: readonly string[];
}

const REFUSED: ProblemKind = {
  code: "refused",
  severity: "error",
  what: "refine would refuse the set for another reason",
  remedy: "Each sentence names its own remedy.",
};

function readCs(options: ValidateOptions): ReadSet {
  const passthrough = options.passthrough === null ? [] : [readCsFile(options.passthrough)];
  return { set: columnsOfTable(particlesFromCs(readCsFile(options.particles), passthrough)), refusals: [] };
}

function readStar(options: ValidateOptions, found: ProblemGroups): ReadSet {
  const document = readStarFile(options.particles);
  const set = columnsOfStar(document, found);
  const particles = document.blocks.find(({ table, isLoop }) => isLoop && table.has("rlnImageName"));
  if (particles && holdsSubtomograms(particles.table)) {
    return { set, refusals: [`${options.particles}: ${SUBTOMOGRAMS} Give a set of 2D images.`] };
  }
  try {
    particlesFromStar(document, { requireCtf: !options.withoutCtf });
    return { set, refusals: [] };
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    const shown = thrown.fields["problems"];
    return { set, refusals: Array.isArray(shown) ? shown.map(String) : [thrown.message] };
  }
}

/** Refusals that the checks of this folder report by themselves, with counts. */
const OWN_CHECKS =
  /expected a finite number|expected a number, got "|rlnImageName: expected|has no row in data_optics|appears twice in data_optics|no column rlnOpticsGroup|rlnRandomSubset|both half-sets|lacks rln|no pixel size|: rlnVoltage: |: rlnAmplitudeContrast: |: rlnSphericalAberration: |: pixel size: |rlnImageSize: expected/;
