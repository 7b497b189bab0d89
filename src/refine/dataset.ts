import { gatherShares, ownShare, type Share } from "../comm/share.ts";
import type { Communicator } from "../comm/types.ts";
import { AbortedError, DataError } from "../core/errors.ts";
import type { EventLog } from "../core/events.ts";
import { seedWords, textWords } from "../core/random.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import { readCsFile } from "../io/node/cs-file.ts";
import { nodeFiles } from "../io/node/file-reader.ts";
import { readStarFile } from "../io/node/star-file.ts";
import { largestGrowth } from "../particles/conforming-reader.ts";
import { particlesFromCs } from "../particles/from-cs.ts";
import { particlesFromStar } from "../particles/from-star.ts";
import { makeHalfSets } from "../particles/half-sets.ts";
import { lookAtImage } from "../particles/image-fault.ts";
import type { ImageReader } from "../particles/image-model.ts";
import { type ImageSource, openImageSource } from "../particles/stacks.ts";
import type { SymmetricPhase } from "../particles/symmetric-phase.ts";
import type { ParticleTable } from "../particles/table.ts";
import { BackgroundReader } from "./background-reader.ts";
import { commonShifts, ctfExtras } from "./data-grid.ts";
import { REJECTED } from "./rejection.ts";

/** A particle data set, checked and ready: what a run knows before its first round. */
export interface Dataset {
  readonly table: ParticleTable;
  /** Reads images of one optics group as stored, level taken off; a run reads through `conformingReader`. */
  readonly reader: ImageReader;
  readonly source: ImageSource;
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Rows of the table in each half-set, rejected images left out. */
  readonly halves: readonly [Int32Array, Int32Array];
  /** [particles] 1 or 2 */
  readonly halfSet: Uint8Array;
  readonly noiseGroup: Int32Array;
  readonly noiseGroupCount: number;
  readonly scaleGroup: Int32Array;
  readonly scaleGroupCount: number;
  /** [particles][8] */
  readonly optics: Float64Array;
  /** [particles][2] B-factor and scale of the CTF; absent: 0 and 1. */
  readonly envelope?: Float64Array;
  readonly symmetricPhase?: SymmetricPhase;
  /** [particles][2] shifts of the file in px of the common grid. */
  readonly shiftPx: Float32Array;
  /** [particles][2] */
  readonly key: Uint32Array;
  /** Brings the background to unit standard deviation. */
  readonly gain: number;
  /** Largest Σ|x| of an image after gain: bounds |X|. */
  readonly largestAmplitude: number;
  /** The same for the images as stored: level not taken off, gain not applied. */
  readonly largestStoredAmplitude: number;
  /** [particles] codes of rejection.ts */
  readonly rejected: Uint8Array;
}

export interface DatasetOptions {
  readonly particles: string;
  readonly particleRoot: string | null;
  readonly seed: number;
  readonly halfSets: string;
  readonly noiseGroups: string;
  readonly residentBytes: number;
  /** Whether the backgrounds are measured; if not, gain is 1 and largestAmplitude that of the images as stored. */
  readonly hasBackground: boolean;
  /** 0: 0.9 of the box. */
  readonly maskDiameterA: number;
  readonly signal: AbortSignal;
  readonly log: EventLog;
  /** Shares the look at every image out; absent: this process looks at all. */
  readonly comm?: Communicator;
}

/** Images per noise group below which "auto" takes the optics group. */
const FEWEST_PER_NOISE_GROUP = 200;

/** Reads the metadata, opens the stacks and looks once at every image. */
export async function openDataset(options: DatasetOptions): Promise<Dataset> {
  const table = readParticles(options.particles);
  for (const message of table.notes) options.log.event("note", { message });
  const source = openImageSource(table, {
    files: nodeFiles,
    metadataPath: options.particles,
    ...(options.particleRoot === null ? {} : { root: options.particleRoot }),
    residentBytes: options.residentBytes,
  });
  const { boxPx, pixelSizeA } = source;
  const diameterA = options.maskDiameterA > 0 ? options.maskDiameterA : 0.9 * boxPx * pixelSizeA;
  if (options.halfSets === "file" && !table.randomSubset.some((half) => half > 0)) {
    throw new DataError(`${options.particles}: --half-sets file, but it has no rlnRandomSubset. Use --half-sets hash.`);
  }
  const drawn = options.halfSets === "hash" ? { ...table, randomSubset: new Uint8Array(table.count) } : table;
  const { halfSet } = makeHalfSets(drawn, options.seed);
  const reader = new BackgroundReader(source, table, diameterA);
  const looked = await lookAtImages(source, reader, table, options);
  const halves = ([1, 2] as const).map((half) =>
    Int32Array.from({ length: table.count }, (_, p) => p).filter(
      (p) => halfSet[p] === half && looked.rejected[p] === REJECTED.none,
    ),
  );
  if (halves.some((rows) => rows.length === 0)) {
    throw new DataError(
      `${options.particles}: a half-set holds no usable image (of ${table.count}). Give more particles.`,
    );
  }
  const { noiseGroup, noiseGroupCount } = noiseGroups(table, options.noiseGroups);
  const key = new Uint32Array(2 * table.count);
  const [seed0, seed1] = seedWords(options.seed);
  for (let p = 0; p < table.count; p++) {
    const [low, high] = textWords(table.imageName(p));
    key[2 * p] = low ^ seed0;
    key[2 * p + 1] = high ^ seed1;
  }
  return {
    table,
    reader,
    source,
    boxPx,
    pixelSizeA,
    halves: [halves[0]!, halves[1]!],
    halfSet,
    noiseGroup,
    noiseGroupCount,
    scaleGroup: table.micrograph,
    scaleGroupCount: Math.max(1, table.micrographNames.length),
    optics: opticsRows(table, pixelSizeA),
    ...ctfExtras(table, pixelSizeA),
    shiftPx: commonShifts(table, source),
    key,
    ...looked,
  };
}

/** The particle table of a STAR or .cs file. */
export function readParticles(path: string): ParticleTable {
  if (path.endsWith(".cs")) return particlesFromCs(readCsFile(path));
  return particlesFromStar(readStarFile(path));
}

/** [particles][8] optics as the ctf op takes them. */
export function opticsRows(table: ParticleTable, pixelSizeA: number): Float64Array {
  const optics = new Float64Array(CTF_OPTICS_FIELDS * table.count);
  for (let p = 0; p < table.count; p++) {
    const group = table.opticsGroups[table.opticsGroup[p]!]!;
    optics.set(
      [
        table.defocusUA[p]!,
        table.defocusVA[p]!,
        table.defocusAngleRad[p]!,
        group.voltageKv * 1e3,
        group.sphericalAberrationMm * 1e7,
        group.amplitudeContrast,
        table.phaseShiftRad[p]!,
        pixelSizeA,
      ],
      CTF_OPTICS_FIELDS * p,
    );
  }
  return optics;
}

function noiseGroups(table: ParticleTable, choice: string): { noiseGroup: Int32Array; noiseGroupCount: number } {
  const micrographs = table.micrographNames.length;
  const byMicrograph =
    choice === "micrograph" ||
    (choice === "auto" && micrographs > 1 && smallest(table.micrograph, micrographs) >= FEWEST_PER_NOISE_GROUP);
  return byMicrograph
    ? { noiseGroup: table.micrograph, noiseGroupCount: micrographs }
    : { noiseGroup: table.opticsGroup, noiseGroupCount: table.opticsGroups.length };
}

function smallest(group: Int32Array, count: number): number {
  const sizes = new Int32Array(count);
  for (const g of group) sizes[g]!++;
  return sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/** What one look at an image notes: rejection code, deviation of the background, Σ|x| as stored and level. */
const LOOK_FIELDS = 4;
/** Pixels looked at at once. */
const LOOK_PIXELS = 2 ** 20;

/** One pass over all images, each rank over its share: bad ones are rejected, the others give the gain and the bound of their amplitudes. */
async function lookAtImages(
  source: ImageSource,
  reader: BackgroundReader,
  table: ParticleTable,
  options: DatasetOptions,
) {
  const notes = new Float64Array(LOOK_FIELDS * table.count);
  const share = options.comm ? ownShare(table.count, options.comm) : { first: 0, end: table.count };
  noteImages(notes, source, reader, table, share, options);
  if (options.comm) await gatherShares(options.comm, notes, table.count);
  const rejected = new Uint8Array(table.count);
  let deviations = 0;
  let used = 0;
  let largest = 0;
  let largestStored = 0;
  for (let p = 0; p < table.count; p++) {
    const [fault, deviation, stored, level] = notes.subarray(LOOK_FIELDS * p) as unknown as number[];
    rejected[p] = fault!;
    if (fault !== REJECTED.none) continue;
    largestStored = Math.max(largestStored, stored!);
    largest = Math.max(largest, level!);
    deviations += deviation!;
    used++;
  }
  if (used === 0)
    throw new DataError(
      `${options.particles}: no usable image: all ${table.count} are constant or hold values that are not finite.`,
    );
  const bad = table.count - used;
  if (bad > 0)
    options.log.event("warning", {
      message: `${bad} of ${table.count} images cannot be used; rejected.star lists them with the reason.`,
    });
  const gain = options.hasBackground ? used / deviations : 1;
  return { rejected, gain, largestAmplitude: largest * gain, largestStoredAmplitude: largestStored };
}

function noteImages(
  notes: Float64Array,
  source: ImageSource,
  reader: BackgroundReader,
  table: ParticleTable,
  share: Share,
  options: DatasetOptions,
): void {
  const own = Int32Array.from({ length: share.end - share.first }, (_, i) => share.first + i);
  table.opticsGroups.forEach((opticsGroup, group) => {
    const rows = own.filter((p) => table.opticsGroup[p] === group);
    const pixels = source.groupBoxPx[group]! ** 2;
    const growth = largestGrowth(opticsGroup, source.groupBoxPx[group]!, source);
    const batch = Math.max(1, Math.min(rows.length, Math.floor(LOOK_PIXELS / pixels)));
    const out = new Float32Array(batch * pixels);
    for (let first = 0; first < rows.length; first += batch) {
      if (options.signal.aborted) throw new AbortedError("reading the images: stopped on request.");
      const particles = rows.subarray(first, first + batch);
      source.readInto(out, particles);
      for (const [i, p] of particles.entries()) {
        const note = notes.subarray(LOOK_FIELDS * p, LOOK_FIELDS * (p + 1));
        const stored = lookAtImage(out, i * pixels, pixels);
        note[0] = [REJECTED.none, REJECTED.notFinite, REJECTED.constant][stored.fault]!;
        if (note[0] !== REJECTED.none) continue;
        note[2] = growth * stored.absoluteSum;
        note[3] = note[2];
        if (!options.hasBackground) continue;
        note[1] = reader.levelImage(out, i * pixels, p).deviation;
        note[3] = growth * lookAtImage(out, i * pixels, pixels).absoluteSum;
      }
    }
  });
}
