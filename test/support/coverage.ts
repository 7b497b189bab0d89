import { SUMMARY, SUMMARY_FIELDS } from "../../src/device/ops/update-cloud.ts";
import type { Device } from "../../src/device/types.ts";
import { makeReference } from "../../src/expectation/reference.ts";
import { loadImageSet } from "../../src/particles/image-set.ts";
import { scores, searchGlobally, USUAL_POINTS } from "./posterior.ts";
import { memoryReader, rowsTo, type Scene, sceneBand, sceneModel } from "./scene.ts";

const MAX_SHELL = 13;
const BATCH = 125;

export interface Coverage {
  /** [images] posterior mass of the points that are likelier than the truth: uniform on 0–1 where the posterior is calibrated. */
  readonly rank: number[];
  readonly ess: number;
}

/** One global search with the true map, and where the truth lies in each posterior. */
export async function coverage(
  device: Device,
  scene: Scene,
  mask: { radiusPx: number; edgePx: number } | null,
  noiseVariance = 1,
  rotationsPerImage = USUAL_POINTS.rotationsPerImage,
): Promise<Coverage> {
  const { boxPx, pixelSizeA, shiftSigmaPx } = scene;
  const flat = new Float64Array(boxPx / 2 + 1).fill((noiseVariance * boxPx * boxPx) / 2);
  const model = sceneModel(scene, { sigma2: [flat, flat] });
  const band = sceneBand(device, boxPx);
  const reader = memoryReader(scene.images, boxPx);
  const reference = makeReference(device, scene.map, boxPx, 2, MAX_SHELL);
  const rank: number[] = [];
  let ess = 0;
  for (let first = 0; first < scene.count; first += BATCH) {
    const rows = rowsTo(scene.count).slice(first, first + BATCH);
    const set = await loadImageSet(device, band, reader, model, rows, { half: 0, mask, isRecentred: false });
    const found = await searchGlobally(device, set, band, reference, {
      maxShell: MAX_SHELL,
      scanShell: 8,
      pixelSizeA,
      diameterA: 0.7 * boxPx * pixelSizeA,
      shiftSigmaPx,
      key: model.key.slice(2 * first, 2 * (first + rows.length)),
      rotationsPerImage,
    });
    const M = found.rotationsPerImage;
    const T = found.shiftsPerRotation;
    const atPoints = await scores(device, set, band, reference, found.rotations, found.shiftsPx, M, T, MAX_SHELL);
    const truth = {
      rotations: Float32Array.from(scene.rotations.subarray(4 * first, 4 * (first + rows.length))),
      shiftsPx: Float32Array.from(scene.shiftsPx.subarray(2 * first, 2 * (first + rows.length))),
    };
    const atTruth = await scores(device, set, band, reference, truth.rotations, truth.shiftsPx, 1, 1, MAX_SHELL);
    const logPrior = (shifts: Float32Array, at: number) =>
      -(shifts[2 * at]! ** 2 + shifts[2 * at + 1]! ** 2) / (2 * shiftSigmaPx ** 2);
    for (let i = 0; i < rows.length; i++) {
      const threshold = atTruth[i]! + logPrior(truth.shiftsPx, i);
      let mass = 0;
      for (let k = i * M * T; k < (i + 1) * M * T; k++) {
        if (atPoints[k]! + logPrior(found.shiftsPx, k) > threshold) mass += found.weights[k]!;
      }
      rank.push(mass);
      ess += found.summary[i * SUMMARY_FIELDS + SUMMARY.effectiveSampleSize]! / scene.count;
    }
    set.free();
  }
  reference.free();
  band.free();
  return { rank, ess };
}

/** Share of the images whose credible region of that mass holds the truth. */
export const inside = ({ rank }: Coverage, mass: number) => rank.filter((r) => r <= mass).length / rank.length;

export function report(name: string, c: Coverage): void {
  const text = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95].map((m) => `${m}: ${(100 * inside(c, m)).toFixed(1)} %`).join(", ");
  console.log(`coverage, ${name}: ${text}; mean ESS ${c.ess.toFixed(0)}`);
}
