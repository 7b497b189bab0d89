import { ShapeError } from "../core/errors.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { BandArgs } from "../device/ops/image-set.ts";
import type { Device } from "../device/types.ts";
import { type Band, makeBand } from "../geometry/band.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";
import type { Optics } from "../optics/optics.ts";
import { ImageFromBand } from "./image-from-band.ts";

/** What the image model needs of a batch of images. */
export interface ImageModelBatch {
  readonly count: number;
  /** [count × 4] unit quaternions, image axes → volume axes. */
  readonly rotations: Float64Array;
  /** [count × 2] displacement of the particle from the centre, px; null: centred. */
  readonly shiftsPx: Float64Array | null;
  /** [count]; null: CTF = 1. */
  readonly optics: readonly Optics[] | null;
}

/** Noise-free images of a map: C · S · exp(−2πi k·t/N) by central slices, back in real space. */
export class Projector {
  readonly boxPx: number;
  readonly pixelSizeA: number;
  readonly #device: Device;
  readonly #band: Band;
  readonly #toImage: ImageFromBand;
  readonly #bandArgs: BandArgs;
  readonly #volume: DeviceBuffer;
  readonly #volumeRadiusPx: number;
  readonly #paddingFactor: number;

  /**
   * @param map  [boxPx³], x fastest
   * @param boxPx  even
   */
  constructor(device: Device, map: Float32Array, boxPx: number, pixelSizeA: number, paddingFactor = 2) {
    if (map.length !== boxPx ** 3) {
      throw new ShapeError("projector: map", { expected: boxPx ** 3, actual: map.length });
    }
    this.boxPx = boxPx;
    this.pixelSizeA = pixelSizeA;
    this.#device = device;
    this.#paddingFactor = paddingFactor;
    this.#band = makeBand(boxPx, boxPx / 2);
    this.#toImage = new ImageFromBand(this.#band);
    this.#bandArgs = {
      boxPx,
      bandKx: device.upload(this.#band.kx),
      bandKy: device.upload(this.#band.ky),
      bandShell: device.upload(this.#band.shell),
      bandPixelCount: this.#band.pixelCount,
    };
    const box = fourierBoxFor(boxPx / 2, paddingFactor);
    this.#volumeRadiusPx = box.radiusPx;
    this.#volume = device.allocate("f32", 2 * box.voxelCount);
    const uploaded = device.upload(map);
    device.referenceVolume({
      map: uploaded,
      boxPx,
      paddingFactor,
      volumeRadiusPx: box.radiusPx,
      volume: this.#volume,
    });
    uploaded.free();
  }

  /** [count × boxPx × boxPx] images of a batch. */
  async makeImages(batch: ImageModelBatch): Promise<Float32Array> {
    const { pixelCount } = this.#band;
    const slices = await this.#slices(batch);
    if (batch.optics !== null) multiplyPlanes(slices, await this.#ctf(batch.optics), pixelCount, batch.count);
    if (batch.shiftsPx !== null) shiftPlanes(slices, batch.shiftsPx, this.#band, batch.count);
    const pixels = this.boxPx * this.boxPx;
    const images = new Float32Array(batch.count * pixels);
    for (let image = 0; image < batch.count; image++) {
      const re = slices.subarray(2 * image * pixelCount, (2 * image + 1) * pixelCount);
      const im = slices.subarray((2 * image + 1) * pixelCount, (2 * image + 2) * pixelCount);
      this.#toImage.imageInto(images, image * pixels, re, im, 0);
    }
    return images;
  }

  close(): void {
    for (const buffer of [this.#bandArgs.bandKx, this.#bandArgs.bandKy, this.#bandArgs.bandShell, this.#volume]) {
      buffer.free();
    }
  }

  async #slices(batch: ImageModelBatch): Promise<Float32Array> {
    const { pixelCount } = this.#band;
    const out = this.#device.allocate("f32", batch.count * 2 * pixelCount);
    const rotations = this.#device.upload(Float32Array.from(batch.rotations));
    try {
      this.#device.project({
        ...this.#bandArgs,
        volume: this.#volume,
        volumeRadiusPx: this.#volumeRadiusPx,
        paddingFactor: this.#paddingFactor,
        maxShell: this.boxPx / 2,
        rotations,
        rotationCount: batch.count,
        firstPixel: 0,
        pixelCount,
        layout: "planes",
        out,
      });
      return (await this.#device.read(out)) as Float32Array;
    } finally {
      rotations.free();
      out.free();
    }
  }

  async #ctf(optics: readonly Optics[]): Promise<Float32Array> {
    const rows = this.#device.upload(opticsRows(optics, this.pixelSizeA));
    const out = this.#device.allocate("f32", optics.length * this.#band.pixelCount);
    try {
      this.#device.ctf({ ...this.#bandArgs, imageCount: optics.length, optics: rows, out });
      return (await this.#device.read(out)) as Float32Array;
    } finally {
      rows.free();
      out.free();
    }
  }
}

function opticsRows(optics: readonly Optics[], pixelSizeA: number): Float64Array {
  const rows = new Float64Array(optics.length * CTF_OPTICS_FIELDS);
  optics.forEach((o, image) => {
    rows.set(
      [
        o.defocusUA,
        o.defocusVA,
        o.defocusAngleRad,
        o.voltageKv * 1e3,
        o.sphericalAberrationMm * 1e7,
        o.amplitudeContrast,
        o.phaseShiftRad,
        pixelSizeA,
      ],
      image * CTF_OPTICS_FIELDS,
    );
  });
  return rows;
}

function multiplyPlanes(slices: Float32Array, ctf: Float32Array, pixelCount: number, count: number): void {
  for (let image = 0; image < count; image++) {
    for (let pixel = 0; pixel < pixelCount; pixel++) {
      const c = ctf[image * pixelCount + pixel]!;
      slices[2 * image * pixelCount + pixel]! *= c;
      slices[(2 * image + 1) * pixelCount + pixel]! *= c;
    }
  }
}

/** Multiplies by exp(−2πi k·t/N): the particle moves by +t. */
function shiftPlanes(slices: Float32Array, shiftsPx: Float64Array, band: Band, count: number): void {
  const { pixelCount, kx, ky, boxPx } = band;
  for (let image = 0; image < count; image++) {
    const x = shiftsPx[2 * image]!;
    const y = shiftsPx[2 * image + 1]!;
    const reStart = 2 * image * pixelCount;
    const imStart = reStart + pixelCount;
    for (let pixel = 0; pixel < pixelCount; pixel++) {
      const phaseRad = (-2 * Math.PI * (kx[pixel]! * x + ky[pixel]! * y)) / boxPx;
      const c = Math.cos(phaseRad);
      const s = Math.sin(phaseRad);
      const re = slices[reStart + pixel]!;
      const im = slices[imStart + pixel]!;
      slices[reStart + pixel] = re * c - im * s;
      slices[imStart + pixel] = re * s + im * c;
    }
  }
}
