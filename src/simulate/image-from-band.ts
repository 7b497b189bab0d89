import { expectLength } from "../core/checks.ts";
import type { Band } from "../geometry/band.ts";
import { FourierLine } from "./fourier-line.ts";

/** Bands back to real-space images: the inverse of the transform in `prepareImages`, with its phase origin. */
export class ImageFromBand {
  readonly #band: Band;
  readonly #line: FourierLine;
  readonly #columns: number;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(band: Band) {
    this.#band = band;
    this.#line = new FourierLine(band.boxPx);
    this.#columns = Math.max(...band.kx) + 1;
    this.#re = new Float64Array(this.#columns * band.boxPx);
    this.#im = new Float64Array(this.#columns * band.boxPx);
  }

  /**
   * @param out  [boxPx × boxPx] at outOffset, overwritten
   * @param re,im  [pixelCount] at offset; Fourier pixels outside the band are 0
   */
  imageInto(out: Float32Array, outOffset: number, re: Float32Array, im: Float32Array, offset: number): void {
    const { boxPx, pixelCount, kx, ky } = this.#band;
    expectLength("imageInto: room", out.subarray(outOffset, outOffset + boxPx * boxPx), boxPx * boxPx);
    this.#re.fill(0);
    this.#im.fill(0);
    for (let pixel = 0; pixel < pixelCount; pixel++) {
      const x = kx[pixel]!;
      const y = ky[pixel]!;
      // The origin is the pixel boxPx/2 on both axes.
      const sign = (x + y) & 1 ? -1 : 1;
      this.#put(x, y, sign * re[offset + pixel]!, sign * im[offset + pixel]!);
      // The band holds one of each Friedel pair; in the column kx = 0 the transform needs both.
      if (x === 0 && y !== 0) this.#put(0, -y, sign * re[offset + pixel]!, -sign * im[offset + pixel]!);
    }
    this.#alongY();
    this.#alongX(out, outOffset);
  }

  #put(x: number, y: number, re: number, im: number): void {
    const { boxPx } = this.#band;
    const at = x * boxPx + (y < 0 ? y + boxPx : y);
    this.#re[at] = re;
    this.#im[at] = im;
  }

  #alongY(): void {
    const { boxPx } = this.#band;
    for (let column = 0; column < this.#columns; column++) {
      const start = column * boxPx;
      this.#line.re.set(this.#re.subarray(start, start + boxPx));
      this.#line.im.set(this.#im.subarray(start, start + boxPx));
      this.#line.transform();
      this.#re.set(this.#line.re, start);
      this.#im.set(this.#line.im, start);
    }
  }

  #alongX(out: Float32Array, outOffset: number): void {
    const { boxPx } = this.#band;
    const { re, im } = this.#line;
    const scale = 1 / (boxPx * boxPx);
    for (let row = 0; row < boxPx; row++) {
      re.fill(0);
      im.fill(0);
      for (let column = 0; column < this.#columns; column++) {
        const a = this.#re[column * boxPx + row]!;
        const b = this.#im[column * boxPx + row]!;
        re[column] = a;
        im[column] = b;
        if (column > 0) {
          re[boxPx - column] = a;
          im[boxPx - column] = -b;
        }
      }
      this.#line.transform();
      for (let x = 0; x < boxPx; x++) out[outOffset + row * boxPx + x] = re[x]! * scale;
    }
  }
}
