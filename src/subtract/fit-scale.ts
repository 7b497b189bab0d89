import { DataError } from "../core/errors.ts";
import type { ShellProducts } from "./shell-products.ts";

/**
 * Grey scale of a map in images: least squares of X − scale·C·S with each shell weighed by the inverse of the images' mean power
 * there, the zero frequency left out. What the images hold besides the map (noise, ice) is coloured; the weights make it white.
 */
export class ScaleFit {
  readonly #pixels: Float64Array;
  readonly #power: Float64Array;
  readonly #cross: Float64Array;
  readonly #model: Float64Array;

  /** @param shellStart  first band pixel of each shell, and the end */
  constructor(shellStart: Int32Array) {
    const shells = shellStart.length - 1;
    this.#pixels = Float64Array.from({ length: shells }, (_, s) => shellStart[s + 1]! - shellStart[s]!);
    this.#power = new Float64Array(shells);
    this.#cross = new Float64Array(shells);
    this.#model = new Float64Array(shells);
  }

  add(products: ShellProducts): void {
    const shells = this.#pixels.length;
    products.cross.forEach((cross, at) => {
      const s = at % shells;
      this.#cross[s]! += cross;
      this.#model[s]! += products.model[at]!;
      this.#power[s]! += products.image[at]!;
    });
  }

  /** Scale of all images added. */
  scale(where: string): number {
    return this.#ratio(this.#cross, this.#model, where);
  }

  /** Scale of image i of some products, weighed by the power of all images added. */
  scaleOf(products: ShellProducts, i: number, where: string): number {
    const shells = this.#pixels.length;
    const row = (values: Float64Array) => values.subarray(i * shells, (i + 1) * shells);
    return this.#ratio(row(products.cross), row(products.model), where);
  }

  #ratio(cross: Float64Array, model: Float64Array, where: string): number {
    let above = 0;
    let below = 0;
    for (let s = 1; s < this.#pixels.length; s++) {
      if (!(this.#power[s]! > 0)) continue;
      const weight = this.#pixels[s]! / this.#power[s]!;
      above += weight * cross[s]!;
      below += weight * model[s]!;
    }
    const scale = above / below;
    if (scale > 0) return scale;
    throw new DataError(
      `${where}: expected images that show the map, got a grey scale of ${scale.toPrecision(3)}. Give the map and the poses of one run, both with bright particles, or --scale none.`,
    );
  }
}
