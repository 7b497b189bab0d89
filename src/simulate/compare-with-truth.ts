import { DataError } from "../core/errors.ts";
import { openDevice } from "../device/open.ts";
import { angleBetweenRad, conjugateInto, multiplyInto, quaternionToMatrixInto } from "../geometry/quaternion.ts";
import { readCubicMap } from "../io/node/cubic-map.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { fscOfMaps } from "../map/fsc.ts";
import { applyMaskInto, sphereMaskInto } from "../map/masks.ts";
import { resolutionAt, TRUTH_THRESHOLD } from "../map/resolution.ts";
import { rotateMap } from "../map/rotate-map.ts";
import type { ParticleTable } from "../particles/table.ts";
import { readPoses } from "./read-poses.ts";
import { frameRotation, frameShiftPx, matchRows } from "./truth-frame.ts";

/** Poses nearer to the truth than this count as found. */
export const FOUND_DEG = 5;
const MASK_RIM_PX = 7;

export interface TruthComparison {
  /** FSC 0.5 inside a sphere between the true map and the map, which is moved first as the poses say that its frame lies. */
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
  return {
    resolutionA: await resolutionToTruth(files.map, files.trueMap, found, truth),
    ...comparePoses(found, truth),
  };
}

async function resolutionToTruth(
  mapPath: string,
  truePath: string,
  found: ParticleTable,
  truthTable: ParticleTable,
): Promise<number> {
  const map = readCubicMap(mapPath, 0);
  const truth = readCubicMap(truePath, 0);
  if (map.boxPx !== truth.boxPx) {
    throw new DataError(`${mapPath}: expected the box of ${truePath}, ${truth.boxPx} px, got ${map.boxPx} px.`);
  }
  const { boxPx } = map;
  const moved = movedOntoTruth(map.data, boxPx, found, truthTable);
  const mask = sphereMaskInto(new Float32Array(boxPx ** 3), boxPx, boxPx / 2 - MASK_RIM_PX);
  for (const data of [moved, truth.data]) applyMaskInto(data, data, mask);
  const device = openDevice({ threads: 1 });
  try {
    const fsc = await fscOfMaps(moved, truth.data, boxPx, deviceFft3(device));
    return resolutionAt(fsc, TRUTH_THRESHOLD, boxPx, map.pixelSizeA).resolutionA;
  } finally {
    device.close();
  }
}

/** A free refinement's frame drifts by a degree or a fraction of a pixel, which says nothing of the map. */
function movedOntoTruth(map: Float32Array, boxPx: number, found: ParticleTable, truth: ParticleTable): Float32Array {
  const pairs = matchRows(found, truth);
  const inverse = new Float64Array(4);
  conjugateInto(inverse, 0, frameRotation(found.rotation, truth.rotation, pairs), 0);
  const turn = new Float64Array(9);
  quaternionToMatrixInto(turn, 0, inverse, 0);
  // found(x) = true(g x + c), so true(y) = found(g⁻¹ y − g⁻¹ c).
  const c = frameShiftPx(found, truth, pairs);
  const centre = (row: number) => -(turn[3 * row]! * c[0] + turn[3 * row + 1]! * c[1] + turn[3 * row + 2]! * c[2]);
  return rotateMap(map, boxPx, turn, [centre(0), centre(1), centre(2)]);
}

/** Angular errors after taking out the one rotation that best maps the found frame onto the true one. */
export function comparePoses(found: ParticleTable, truth: ParticleTable): Omit<TruthComparison, "resolutionA"> {
  const pairs = matchRows(found, truth);
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
