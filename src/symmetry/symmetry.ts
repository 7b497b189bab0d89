import { DataError, throwIfAborted, UsageError } from "../core/errors.ts";
import { type EventLog, silentLog } from "../core/events.ts";
import { openDevice } from "../device/open.ts";
import { quaternionToEuler } from "../geometry/euler.ts";
import { pointGroup } from "../geometry/point-group.ts";
import { quaternionToMatrixInto } from "../geometry/quaternion.ts";
import { folderOf, makeFolder } from "../io/node/folders.ts";
import { readMapFile, writeMapFile } from "../io/node/map-file.ts";
import { readStarFile, writeStarFileAtomic } from "../io/node/star-file.ts";
import { withTable } from "../io/star/document.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { rotateMap } from "../map/rotate-map.ts";
import { completeOptions } from "../options/complete-options.ts";
import { deviceOptions } from "../options/device-options.ts";
import { type SymmetryInput, type SymmetryOptions, symmetryTable } from "../options/symmetry-options.ts";
import { alignPoses } from "./align-poses.ts";
import { findSymmetry, type SymmetryFit, symmetryFsc } from "./find-symmetry.ts";

export interface SymmetryResult {
  /** The largest group of which every operator reaches the threshold; C1 when none does. */
  readonly group: string;
  /** Å: finest resolution to which map and turned copies agree (FSC 0.5), for the group found or asked for. */
  readonly holdsToA: number | null;
  readonly resolutionA: number;
  /** Correlation of turns about no particular axis: what "no symmetry" looks like here. */
  readonly background: number;
  readonly fits: readonly {
    readonly group: string;
    readonly least: number;
    readonly mean: number;
    readonly fits: boolean;
  }[];
  /** How the group's axes lie in the map, degrees and Å. */
  readonly placement: {
    readonly group: string;
    readonly rotDeg: number;
    readonly tiltDeg: number;
    readonly psiDeg: number;
    readonly centreA: readonly [number, number, number];
  } | null;
  readonly notes: readonly string[];
  /** Files written. */
  readonly map: string | null;
  readonly particles: string | null;
}

/** Particle diameters per resolution compared: fine enough to tell subunits, coarse enough for a rough map. */
const SHELLS_PER_DIAMETER = 12;
const LEAST_PIXELS = 3;
/** Where the agreement of map and turned copies is called lost. */
const HOLDS_FSC = 0.5;
const DEG_PER_RAD = 180 / Math.PI;

/** Finds a map's axes, says which group fits, and turns the map (and its poses) onto RELION's axes of that group. */
export async function symmetry(
  input: SymmetryInput,
  {
    signal = new AbortController().signal,
    log = silentLog,
  }: { readonly signal?: AbortSignal; readonly log?: EventLog } = {},
): Promise<SymmetryResult> {
  const options = completeOptions("symmetry", symmetryTable, input);
  const asked = options.group === null ? null : pointGroup(options.group).name;
  if (asked === "C1") throw new UsageError("symmetry: --symmetry C1 has no axes to find. Give another group, or none.");
  if (options.particles !== null && options.out === null) {
    throw new UsageError("symmetry: --particles needs --out, beside which the turned poses are written.");
  }
  const { map, boxPx, pixelSizeA, notes } = readCube(options.map);
  const diameterA =
    options.maskDiameterA > 0 ? Math.min(options.maskDiameterA, boxPx * pixelSizeA) : 0.9 * boxPx * pixelSizeA;
  const resolutionA =
    options.resolutionA > 0
      ? options.resolutionA
      : Math.max(diameterA / SHELLS_PER_DIAMETER, LEAST_PIXELS * pixelSizeA);
  const device = openDevice(deviceOptions(options as Parameters<typeof deviceOptions>[0]));
  try {
    const fft = deviceFft3(device);
    log.event("note", { message: `comparing ${options.map} with itself to ${resolutionA.toFixed(1)} Å` });
    const settings = {
      pixelSizeA,
      diameterA,
      resolutionA,
      threshold: options.threshold,
      largestFold: options.largestFold,
      group: asked,
    };
    const found = await findSymmetry(map, boxPx, settings, fft);
    throwIfAborted(signal, "symmetry");
    const best = found.fits.find((fit) => fit.fits || asked !== null);
    const holdsToA = best === undefined ? null : await holdsTo(map, boxPx, pixelSizeA, diameterA, best, fft);
    const written = best === undefined ? [null, null] : write(options, map, boxPx, pixelSizeA, best);
    return {
      group: found.group,
      holdsToA,
      resolutionA,
      background: found.background,
      fits: found.fits.map(({ group, least, mean, fits }) => ({ group, least, mean, fits })),
      placement: best === undefined ? null : placementOf(best),
      notes: [...notes, ...found.notes],
      map: written[0]!,
      particles: written[1]!,
    };
  } finally {
    device.close();
  }
}

function readCube(path: string) {
  const { sizeX, sizeY, sizeZ, pixelSizeA, data } = readMapFile(path);
  if (sizeX !== sizeY || sizeX !== sizeZ) {
    throw new DataError(
      `${path}: expected a cubic map, got ${sizeX} × ${sizeY} × ${sizeZ}. Crop or pad it to a cube.`,
      { where: path },
    );
  }
  if (!data.every(Number.isFinite)) {
    throw new DataError(`${path}: holds values that are not finite numbers. Repair the map.`, { where: path });
  }
  const first = data[0];
  if (data.every((value) => value === first)) {
    throw new DataError(`${path}: every value is the same: there is nothing to turn.`, { where: path });
  }
  const notes = pixelSizeA > 0 ? [] : [`${path}: no pixel size in its header; 1 Å is taken.`];
  return { map: data, boxPx: sizeX, pixelSizeA: pixelSizeA > 0 ? pixelSizeA : 1, notes };
}

async function holdsTo(
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  diameterA: number,
  fit: SymmetryFit,
  fft: Parameters<typeof symmetryFsc>[4],
): Promise<number> {
  const { fieldA, fsc } = await symmetryFsc(
    map,
    boxPx,
    { pixelSizeA, diameterA, resolutionA: 2.2 * pixelSizeA },
    fit,
    fft,
  );
  const lost = fsc.findIndex((value, shell) => shell > 1 && value < HOLDS_FSC);
  return fieldA / (lost < 0 ? fsc.length - 1 : Math.max(1, lost - 1));
}

function placementOf({ group, rotation, centreA }: SymmetryFit) {
  const { rotRad, tiltRad, psiRad } = quaternionToEuler(rotation, 0);
  return { group, rotDeg: rotRad * DEG_PER_RAD, tiltDeg: tiltRad * DEG_PER_RAD, psiDeg: psiRad * DEG_PER_RAD, centreA };
}

/** The aligned map and the poses that belong to it. */
function write(
  options: SymmetryOptions,
  map: Float32Array,
  boxPx: number,
  pixelSizeA: number,
  fit: SymmetryFit,
): readonly [map: string | null, particles: string | null] {
  if (options.out === null) return [null, null];
  const matrix = new Float64Array(9);
  quaternionToMatrixInto(matrix, 0, fit.rotation, 0);
  const centrePx = fit.centreA.map((a) => a / pixelSizeA) as [number, number, number];
  makeFolder(folderOf(options.out));
  const data = rotateMap(map, boxPx, matrix, centrePx);
  writeMapFile(options.out, { sizeX: boxPx, sizeY: boxPx, sizeZ: boxPx, pixelSizeA, data });
  if (options.particles === null) return [options.out, null];
  const document = readStarFile(options.particles);
  const block = document.blocks.find((candidate) => candidate.isLoop && candidate.table.has("rlnImageName"));
  if (block === undefined) {
    throw new DataError(
      `${options.particles}: expected a particle table with rlnImageName, found none. Give run_data.star.`,
    );
  }
  const path = `${options.out.replace(/\.(mrc|map)$/i, "")}.star`;
  writeStarFileAtomic(path, withTable(document, block, alignPoses(block.table, fit.rotation, fit.centreA)));
  return [options.out, path];
}
