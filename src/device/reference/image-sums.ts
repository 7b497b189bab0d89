import { DataError } from "../../core/errors.ts";
import type { FourierBox } from "../../geometry/fourier-box.ts";

/** Sums of this size or more cannot be rounded by adding ROUNDER. */
const SUM_LIMIT = 2 ** 51;
/** Added and taken away, rounds a double below 2⁵¹ to the nearest integer, ties to even. */
const ROUNDER = 2 ** 52 + 2 ** 51;

/** Half of space stands for the other: x > 0, or x = 0 and z > 0, or x = z = 0 and y ≥ 0. The rest goes to −(x, y, z), conjugated. */
export function isStoredHalf(x: number, y: number, z: number): boolean {
  return x > 0 || (x === 0 && (z > 0 || (z === 0 && y >= 0)));
}

/** What one image adds to an accumulator: sums per voxel, rounded when all is there. */
export class ImageSums {
  readonly #sums = new Map<number, Float64Array>();
  readonly #box: FourierBox;
  readonly #indexOf: (x: number, y: number, z: number) => number | null;

  /** @param indexOf  voxel of the accumulator at (x, y, z), or null where it is not held */
  constructor(box: FourierBox, indexOf: (x: number, y: number, z: number) => number | null) {
    this.#box = box;
    this.#indexOf = indexOf;
  }

  /** Spreads (Re F, Im F, T) on the eight voxels around a point of the ball. */
  spread(point: readonly [number, number, number], value: readonly [number, number, number]): void {
    const lower = point.map(Math.floor) as [number, number, number];
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      const voxel = lower.map((low, axis) => {
        const isUpper = (corner >> axis) & 1;
        const fraction = point[axis]! - low;
        weight *= isUpper ? fraction : 1 - fraction;
        return low + isUpper;
      }) as [number, number, number];
      // Beyond the box only weights of 0 can fall.
      if (voxel.some((at) => Math.abs(at) > this.#box.radiusPx + 1)) continue;
      const sign = isStoredHalf(...voxel) ? 1 : -1;
      const index = this.#indexOf(sign * voxel[0], sign * voxel[1], sign * voxel[2]);
      if (index === null) continue;
      const sums = this.#sums.get(index) ?? new Float64Array(3);
      this.#sums.set(index, sums);
      sums[0]! += weight * value[0];
      // The origin is its own mate: only its real part has a meaning.
      if (voxel.some((at) => at !== 0)) sums[1]! += weight * sign * value[1];
      sums[2]! += weight * value[2];
    }
  }

  /** Rounds the sums into the accumulator; throws a DataError where one is not finite or 2⁵¹ or more. */
  addTo(accumulator: BigInt64Array, where: string): void {
    for (const [voxel, sums] of this.#sums) {
      if (!sums.every((sum) => Math.abs(sum) < SUM_LIMIT)) {
        throw new DataError(
          `${where}: expected finite values below 2^51 after scaling. Reject the image, or choose smaller scales.`,
        );
      }
      for (let part = 0; part < 3; part++) {
        accumulator[3 * voxel + part]! += BigInt(sums[part]! + ROUNDER - ROUNDER);
      }
    }
  }
}
