import type { Device } from "../device/types.ts";
import { type Band, makeBand } from "../geometry/band.ts";
import { type DeviceBand, uploadBand } from "../particles/image-set.ts";

/** Sums over the shells of one image x and its model m: Re x m*, |m|² and |x|². */
export interface ShellProducts {
  /** [images][shells] */
  readonly cross: Float64Array;
  readonly model: Float64Array;
  readonly image: Float64Array;
}

/** Transforms images of one box and multiplies them shell by shell. */
export class ShellMultiplier {
  readonly #device: Device;
  readonly #band: DeviceBand;

  constructor(device: Device, boxPx: number) {
    this.#device = device;
    this.#band = uploadBand(device, makeBand(boxPx, boxPx / 2));
  }

  get band(): Band {
    return this.#band.band;
  }

  /** @param images,models  [count × boxPx²] */
  async products(images: Float32Array, models: Float32Array, count: number): Promise<ShellProducts> {
    const x = await this.#transform(images, count);
    const m = await this.#transform(models, count);
    const { pixelCount, shell, maxShell } = this.#band.band;
    const shells = maxShell + 1;
    const out = {
      cross: new Float64Array(count * shells),
      model: new Float64Array(count * shells),
      image: new Float64Array(count * shells),
    };
    for (let i = 0; i < count; i++) {
      const re = 2 * i * pixelCount;
      const im = re + pixelCount;
      for (let k = 0; k < pixelCount; k++) {
        const at = i * shells + shell[k]!;
        const [a, b, c, d] = [x[re + k]!, x[im + k]!, m[re + k]!, m[im + k]!];
        out.cross[at]! += a * c + b * d;
        out.model[at]! += c * c + d * d;
        out.image[at]! += a * a + b * b;
      }
    }
    return out;
  }

  close(): void {
    this.#band.free();
  }

  async #transform(images: Float32Array, count: number): Promise<Float32Array> {
    const device = this.#device;
    const { band: _, free: __, ...band } = this.#band;
    const out = device.allocate("f32", 2 * count * band.bandPixelCount);
    const owned = [
      device.upload(images),
      device.upload(new Float32Array(count).fill(1)),
      device.upload(new Int32Array(2 * count)),
      device.upload(new Float32Array(1)),
      device.upload(new Int32Array(count)),
      device.upload(new Uint32Array(2 * count)),
    ] as const;
    const [pixels, gain, recentrePx, sigma2, group, noiseKey] = owned;
    try {
      device.prepareImages({
        ...band,
        imageCount: count,
        pixels,
        gain,
        recentrePx,
        maskRadiusPx: 0,
        maskEdgePx: 0,
        sigma2,
        shellCount: 1,
        group,
        noiseKey,
        out,
      });
      return (await device.read(out)) as Float32Array;
    } finally {
      for (const buffer of [...owned, out]) buffer.free();
    }
  }
}
