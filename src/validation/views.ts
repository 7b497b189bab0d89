import { DataError } from "../core/errors.ts";
import type { PointGroup } from "../geometry/point-group.ts";
import { readStarFile } from "../io/node/star-file.ts";
import type { StarTable } from "../io/star/table.ts";

/** Where the particles were looked at from, and how much each counts. */
export interface Views {
  readonly where: string;
  readonly count: number;
  /** [3 × count] unit view directions R (0, 0, 1)ᵀ. */
  readonly directions: Float64Array;
  /** [count] probability that the image shows the particle (vitGoodProbability), 1 where the file does not say. */
  readonly weights: Float64Array;
  readonly table: StarTable;
}

const RAD_PER_DEG = Math.PI / 180;

/** View directions of a particle file with poses. */
export function readViews(path: string): Views {
  const document = readStarFile(path);
  const block = document.blocks.find(({ table }) => table.has("rlnAngleRot") && table.has("rlnAngleTilt"));
  if (block === undefined || block.table.rowCount === 0) {
    throw new DataError(
      `${path}: expected particles with rlnAngleRot and rlnAngleTilt, found none. Give run_data.star.`,
      {
        path,
      },
    );
  }
  const { table } = block;
  const [rotDeg, tiltDeg] = [table.numbers("rlnAngleRot"), table.numbers("rlnAngleTilt")];
  const directions = new Float64Array(3 * table.rowCount);
  for (let i = 0; i < table.rowCount; i++) {
    const [rotRad, tiltRad] = [rotDeg[i]! * RAD_PER_DEG, tiltDeg[i]! * RAD_PER_DEG];
    if (!Number.isFinite(rotRad + tiltRad)) {
      throw new DataError(`${table.placeOf(i)}: expected finite angles, got ${rotDeg[i]}, ${tiltDeg[i]}.`, { path });
    }
    const sine = Math.sin(tiltRad);
    directions.set([sine * Math.cos(rotRad), sine * Math.sin(rotRad), Math.cos(tiltRad)], 3 * i);
  }
  const weights = table.has("vitGoodProbability")
    ? Float64Array.from(table.numbers("vitGoodProbability"), (good) => Math.min(1, Math.max(0, good)))
    : new Float64Array(table.rowCount).fill(1);
  return { where: path, count: table.rowCount, directions, weights, table };
}

/**
 * The views and their mates under a point group, thinned evenly to at most `limit`: [3 × n] directions, [n] weights.
 * A figure made of 20,000 views differs from that of all by less than it means.
 */
export function withMates(
  views: Pick<Views, "count" | "directions" | "weights">,
  group: PointGroup,
  limit: number,
): { readonly directions: Float64Array; readonly weights: Float64Array } {
  const kept = Math.max(1, Math.min(views.count, Math.floor(limit / group.order)));
  const directions = new Float64Array(3 * kept * group.order);
  const weights = new Float64Array(kept * group.order);
  for (let i = 0; i < kept; i++) {
    const particle = Math.floor((i * views.count) / kept);
    const [x, y, z] = [0, 1, 2].map((axis) => views.directions[3 * particle + axis]!) as [number, number, number];
    for (let g = 0; g < group.order; g++) {
      const m = group.matrices.subarray(9 * g, 9 * g + 9);
      const to = i * group.order + g;
      weights[to] = views.weights[particle]!;
      for (let row = 0; row < 3; row++) {
        directions[3 * to + row] = m[3 * row]! * x + m[3 * row + 1]! * y + m[3 * row + 2]! * z;
      }
    }
  }
  return { directions, weights };
}
