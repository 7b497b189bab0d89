import { DataError } from "../core/errors.ts";
import { openDevice } from "../device/open.ts";
import { angleBetweenRad, conjugateInto, dot, multiplyInto, normaliseInto } from "../geometry/quaternion.ts";
import { readCubicMap } from "../io/node/cubic-map.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { applyMaskInto, sphereMaskInto } from "../map/masks.ts";
import { resolutionAt, TRUTH_THRESHOLD } from "../map/resolution.ts";
import type { ParticleTable } from "../particles/table.ts";
import { readPoses } from "./read-poses.ts";

/** Poses nearer to the truth than this count as found. */
export const FOUND_DEG = 5;
/** Poses further off than this have no say in the rotation between the two frames. */
const OUTLIER_RAD = (20 * Math.PI) / 180;
const FRAME_ITERATIONS = 8;
const MASK_RIM_PX = 7;

export interface TruthComparison {
  /** FSC 0.5 between map and true map inside a sphere, not aligned. */
  readonly resolutionA: number;
  readonly medianErrorDeg: number;
  /** Share of the particles within FOUND_DEG. */
  readonly foundShare: number;
  /** Rotation between the frames, taken out before the errors were measured. */
  readonly frameRotationDeg: number;
}

/** Files of a result and of the simulation that it came from. Particles are matched by image number. */
export interface TruthFiles {
  readonly map: string;
  readonly poses: string;
  readonly trueMap: string;
  readonly truePoses: string;
}

/** How far a refinement of simulated particles is from what was simulated. */
export async function compareWithTruth(files: TruthFiles): Promise<TruthComparison> {
  const found = readPoses(files.poses, {});
  const truth = readPoses(files.truePoses, {});
  return { resolutionA: await resolutionToTruth(files.map, files.trueMap), ...comparePoses(found, truth) };
}

async function resolutionToTruth(mapPath: string, truePath: string): Promise<number> {
  const map = readCubicMap(mapPath, 0);
  const truth = readCubicMap(truePath, 0);
  if (map.boxPx !== truth.boxPx) {
    throw new DataError(`${mapPath}: expected the box of ${truePath}, ${truth.boxPx} px, got ${map.boxPx} px.`);
  }
  const { boxPx } = map;
  const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, boxPx / 2 - MASK_RIM_PX);
  for (const data of [map.data, truth.data]) applyMaskInto(data, data, mask);
  const device = openDevice({ threads: 1 });
  try {
    const fsc = await fscOfMaps(map.data, truth.data, boxPx, deviceFft3(device));
    return resolutionAt(fsc, TRUTH_THRESHOLD, boxPx, map.pixelSizeA).resolutionA;
  } finally {
    device.close();
  }
}

/** Angular errors after taking out the one rotation that best maps the found frame onto the true one. */
export function comparePoses(found: ParticleTable, truth: ParticleTable): Omit<TruthComparison, "resolutionA"> {
  const rowOfSlice = new Map(Array.from(found.imageSlice, (slice, row) => [slice, row]));
  const pairs: [foundRow: number, trueRow: number][] = [];
  truth.imageSlice.forEach((slice, trueRow) => {
    const foundRow = rowOfSlice.get(slice);
    if (foundRow !== undefined) pairs.push([foundRow, trueRow]);
  });
  const frame = frameRotation(found.rotation, truth.rotation, pairs);
  const moved = new Float64Array(4);
  const errorsRad = pairs.map(([foundRow, trueRow]) => {
    multiplyInto(moved, 0, frame, 0, found.rotation, 4 * foundRow);
    return angleBetweenRad(moved, 0, truth.rotation, 4 * trueRow);
  });
  const sorted = errorsRad.sort((a, b) => a - b);
  const deg = 180 / Math.PI;
  // A particle that the result leaves out counts as not found.
  const foundCount = sorted.filter((errorRad) => errorRad * deg < FOUND_DEG).length;
  return {
    medianErrorDeg: (sorted[sorted.length >> 1] ?? Number.NaN) * deg,
    foundShare: foundCount / truth.count,
    frameRotationDeg: angleBetweenRad(frame, 0, Float64Array.of(1, 0, 0, 0), 0) * deg,
  };
}

/** The rotation g with g · found ≈ true for most: the mean of the pairs' quaternions, outliers left out, iterated. */
function frameRotation(found: Float64Array, truth: Float64Array, pairs: readonly [number, number][]): Float64Array {
  const frame = Float64Array.of(1, 0, 0, 0);
  const inverse = new Float64Array(4);
  const between = new Float64Array(4);
  for (let iteration = 0; iteration < FRAME_ITERATIONS; iteration++) {
    const sum = new Float64Array(4);
    for (const [foundRow, trueRow] of pairs) {
      conjugateInto(inverse, 0, found, 4 * foundRow);
      multiplyInto(between, 0, truth, 4 * trueRow, inverse, 0);
      if (angleBetweenRad(between, 0, frame, 0) > OUTLIER_RAD) continue;
      const sign = dot(between, 0, frame, 0) < 0 ? -1 : 1;
      for (let i = 0; i < 4; i++) sum[i]! += sign * between[i]!;
    }
    if (Math.hypot(...sum) === 0) break;
    normaliseInto(frame, 0, sum, 0);
  }
  return frame;
}
