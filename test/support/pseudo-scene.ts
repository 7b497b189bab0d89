import type { Device } from "../../src/device/types.ts";
import { pointGroup } from "../../src/geometry/point-group.ts";
import { readMapFile } from "../../src/io/node/map-file.ts";
import { deviceFft3 } from "../../src/map/device-fft3.ts";
import { fscOfMaps } from "../../src/map/fsc.ts";
import { rotateMap } from "../../src/map/rotate-map.ts";
import { densityAtMates, knownUpToMates, mateCounts, ODD_DOMAIN, oddRing } from "./pseudo-symmetric.ts";
import type { SceneRun } from "./run-scene.ts";
import { makeScene, type Scene, type SceneOptions } from "./scene.ts";
import { type SceneFiles, writeScene } from "./scene-files.ts";

/** Images of a ring of C4 with one odd subunit, their poses known up to C4 and a symmetric reference: what a run with C4 leaves. */
export interface PseudoScene {
  readonly scene: Scene;
  readonly files: SceneFiles;
}

export const RING = pointGroup("C4");

/** @param strength  density of the odd subunit's own domain; 0: the ring is symmetric to the last digit */
export async function makePseudoScene(device: Device, strength: number, options: SceneOptions): Promise<PseudoScene> {
  const scene = await makeScene(device, { pixelSizeA: 6, snr: 0.3, shape: oddRing("C4", strength), ...options });
  const known = { ...scene, rotations: knownUpToMates(scene.rotations, RING) };
  return { scene, files: writeScene(known, { hasPoses: true, reference: oddRing("C4", 0) }) };
}

export interface PseudoResult {
  /** Share of the particles at the mate that most are at: the right one, the map standing in that frame. */
  readonly rightShare: number;
  /** The same for each half-set on its own, and whether both are in that frame. */
  readonly halfShares: readonly number[];
  readonly isOneFrame: boolean;
  /** Density where the odd domain should be, and at its three mates. */
  readonly oddDensity: number;
  readonly otherDensities: readonly number[];
  /** FSC of the map, turned back by its frame, with the true one. */
  readonly fsc: Float64Array;
}

export async function measurePseudo(device: Device, { scene }: PseudoScene, run: SceneRun): Promise<PseudoResult> {
  const { rotation, randomSubset } = run.table;
  const counts = mateCounts(rotation, scene, RING);
  const frame = indexOfLargest(counts);
  const halves = [1, 2].map((half) => {
    const rows = [...randomSubset.keys()].filter((p) => randomSubset[p] === half);
    return mateCounts(rotation, scene, RING, rows);
  });
  const map = readMapFile(run.result.map).data;
  const places = densityAtMates(map, scene.boxPx, RING, ODD_DOMAIN);
  // Poses g·true mean a map turned by g: R x of the result lies at x of the truth.
  const back = rotateMap(map, scene.boxPx, RING.matrices.slice(9 * frame, 9 * frame + 9), [0, 0, 0]);
  return {
    rightShare: counts[frame]! / scene.count,
    halfShares: halves.map((each) => each[frame]! / each.reduce((a, b) => a + b, 0)),
    isOneFrame: halves.every((each) => indexOfLargest(each) === frame),
    oddDensity: places[frame]!,
    otherDensities: places.filter((_, g) => g !== frame),
    fsc: await fscOfMaps(back, scene.map, scene.boxPx, deviceFft3(device)),
  };
}

const indexOfLargest = (values: readonly number[]) => values.indexOf(Math.max(...values));
