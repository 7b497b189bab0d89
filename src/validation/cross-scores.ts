/**
 * A score of each particle that its own image had no part in: the correlation of the image with the projection of the other
 * half's map, CTF included, at the particle's pose.
 */

import { DataError, throwIfAborted } from "../core/errors.ts";
import type { Device } from "../device/types.ts";
import { nodeFiles } from "../io/node/file-reader.ts";
import { deviceFft3 } from "../map/device-fft3.ts";
import { lowPassMap } from "../map/low-pass.ts";
import { applyMaskInto, circleMaskInto } from "../map/masks.ts";
import { openImageSource } from "../particles/stacks.ts";
import { type ParticleTable, selectParticles } from "../particles/table.ts";
import { modelBatch } from "../simulate/model-batch.ts";
import { Projector } from "../simulate/projector.ts";
import { readPoses } from "../simulate/read-poses.ts";
import type { MeasureContext } from "./context.ts";
import type { MapPair } from "./map-pair.ts";

export const CROSS_SCORE_LABEL = "vitCrossCorrelation";

export interface CrossScores {
  readonly table: ParticleTable;
  /** [particles] −1 … 1. */
  readonly score: Float64Array;
}

export interface CrossScoreInput {
  readonly particles: string;
  readonly particleRoot: string | null;
  readonly pair: MapPair;
  /** [boxPx³] laid on the maps before they are projected. */
  readonly mask: Float32Array;
  /** Å to which the maps are used. */
  readonly resolutionA: number;
}

const BATCH = 256;
/** Pixels left out at the border of the images, and the soft edge there. */
const RIM_PX = 4;
const SAME_PIXEL = 1e-3;

export async function measureCrossScores(
  device: Device,
  input: CrossScoreInput,
  context: MeasureContext,
): Promise<CrossScores> {
  const { boxPx, pixelSizeA } = input.pair;
  const table = readPoses(input.particles, { requireCtf: true });
  if (!table.hasPoses || table.randomSubset.some((half) => half === 0)) {
    throw new DataError(
      `${input.particles}: expected particles with poses and half-sets (rlnRandomSubset 1 or 2). Give run_data.star.`,
      { path: input.particles },
    );
  }
  const source = openImageSource(table, {
    files: nodeFiles,
    metadataPath: input.particles,
    ...(input.particleRoot === null ? {} : { root: input.particleRoot }),
  });
  try {
    const isOnGrid =
      source.groupBoxPx.every((size) => size === boxPx) &&
      table.opticsGroups.every((group) => Math.abs(group.pixelSizeA / pixelSizeA - 1) < SAME_PIXEL);
    if (!isOnGrid) {
      throw new DataError(
        `${input.particles}: expected images of ${boxPx} px and ${pixelSizeA} Å as the maps, got others. ` +
          "Leave out --score-particles.",
        { path: input.particles },
      );
    }
    const score = new Float64Array(table.count);
    for (const half of [1, 2] as const) {
      const rows = Int32Array.from(table.randomSubset.keys()).filter((row) => table.randomSubset[row] === half);
      const other = half === 1 ? input.pair.second : input.pair.first;
      const map = await lowPassMap(other, boxPx, pixelSizeA, input.resolutionA, deviceFft3(device));
      const projector = new Projector(device, applyMaskInto(map, map, input.mask), boxPx, pixelSizeA);
      try {
        const chosen = selectParticles(table, rows);
        const circle = circleMaskInto(new Float32Array(boxPx ** 2), boxPx, boxPx / 2 - 2 * RIM_PX, RIM_PX);
        for (let start = 0; start < rows.length; start += BATCH) {
          throwIfAborted(context.signal, "particle scores");
          const end = Math.min(rows.length, start + BATCH);
          const images = new Float32Array((end - start) * boxPx ** 2);
          source.readInto(images, rows.subarray(start, end));
          const models = await projector.makeImages(modelBatch(chosen, start, end, false));
          for (let i = 0; i < end - start; i++) {
            score[rows[start + i]!] = correlation(images, models, i * boxPx ** 2, circle);
          }
        }
      } finally {
        projector.close();
      }
    }
    return { table, score };
  } finally {
    source.close();
  }
}

/** Weighted correlation coefficient of two images that start at `offset`; 0 where one of them is flat. */
function correlation(a: Float32Array, b: Float32Array, offset: number, weight: Float32Array): number {
  let [total, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < weight.length; i++) {
    total += weight[i]!;
    sumA += weight[i]! * a[offset + i]!;
    sumB += weight[i]! * b[offset + i]!;
  }
  const [meanA, meanB] = [sumA / total, sumB / total];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < weight.length; i++) {
    const [da, db] = [a[offset + i]! - meanA, b[offset + i]! - meanB];
    ab += weight[i]! * da * db;
    aa += weight[i]! * da * da;
    bb += weight[i]! * db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
