import { expectInteger, expectPositive } from "../../core/checks.ts";
import { ShapeError } from "../../core/errors.ts";
import { encodePixels, makeMrcHeader } from "../mrc/encode.ts";
import { MRC_HEADER_BYTES } from "../mrc/header.ts";
import { bytesPerPixel, type MrcWriteMode } from "../mrc/mode.ts";
import { PixelStatistics } from "../mrc/statistics.ts";
import { AtomicFile } from "./atomic-write.ts";

export interface StackContent {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  /** Images that will be appended. */
  readonly count: number;
  /** 2 (float32, the default) or 12 (float16). */
  readonly mode?: MrcWriteMode;
}

/** A stack of square images written batch by batch; the file appears under its name at `finish`. */
export class StackWriter {
  readonly #content: StackContent;
  readonly #mode: MrcWriteMode;
  readonly #file: AtomicFile;
  readonly #statistics = new PixelStatistics();
  #written = 0;

  constructor(path: string, content: StackContent) {
    expectInteger("StackWriter: boxPx", content.boxPx, 1);
    expectInteger("StackWriter: count", content.count, 1);
    expectPositive("StackWriter: pixelSizeA", content.pixelSizeA);
    this.#content = content;
    this.#mode = content.mode ?? 2;
    const pixels = content.count * content.boxPx ** 2;
    this.#file = AtomicFile.create(path, {
      expectedBytes: MRC_HEADER_BYTES + pixels * bytesPerPixel(this.#mode),
    });
    this.#file.append(new Uint8Array(MRC_HEADER_BYTES));
  }

  /** Appends whole images, [n × boxPx × boxPx]. */
  append(images: Float32Array): void {
    const imageCount = images.length / this.#content.boxPx ** 2;
    this.#written += imageCount;
    if (!Number.isInteger(imageCount) || this.#written > this.#content.count) {
      this.discard();
      throw new ShapeError("StackWriter: images", {
        expected: `whole images, ${this.#content.count} in all`,
        actual: `${this.#written} so far`,
      });
    }
    this.#statistics.add(images);
    this.#file.append(encodePixels(images, this.#mode));
  }

  /** Writes the header and gives the file its name. */
  finish(): void {
    const { boxPx, pixelSizeA, count } = this.#content;
    if (this.#written !== count) {
      this.discard();
      throw new ShapeError("StackWriter: images", { expected: count, actual: this.#written });
    }
    const header = makeMrcHeader({
      sizeX: boxPx,
      sizeY: boxPx,
      sizeZ: count,
      pixelSizeA,
      mode: this.#mode,
      isVolume: false,
      statistics: this.#statistics,
    });
    this.#file.overwrite(0, header);
    this.#file.commit();
  }

  discard(): void {
    this.#file.discard();
  }
}
