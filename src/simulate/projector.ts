import { ShapeError } from "../core/errors.ts";
import type { DeviceBuffer } from "../device/buffer.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { BandArgs } from "../device/ops/image-set.ts";
import type { Device } from "../device/types.ts";
import { type Band, makeBand } from "../geometry/band.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";
import {
  type Aberrations,
  hasEvenPhase,
  hasMagnification,
  hasOddPhase,
  invert2,
  oddPhaseRad,
} from "../optics/aberrations.ts";
import type { Optics } from "../optics/optics.ts";
import { toCommonShift } from "../particles/common-grid.ts";
import { evenPhaseTable } from "../particles/symmetric-phase.ts";
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
  /** [count], aberrations of each image's optics group; absent or undefined: none. Not used without optics. */
  readonly aberrations?: readonly (Aberrations | undefined)[];
  /** [count], whether the CTF is multiplied in a second time, as in CTF-premultiplied images; absent: none is. */
  readonly isPremultiplied?: readonly boolean[];
}

/** Noise-free images of a map: C(p) e^{iφ(p)} S(p) exp(−2πi k·t/N), p = M k, by central slices, back in real space. */
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
    const aberrations = batch.optics === null ? [] : (batch.aberrations ?? []);
    if (batch.optics !== null) {
      const ctf = await this.#ctf(batch.optics, aberrations);
      multiplyPlanes(slices, ctf, pixelCount, batch.count);
      batch.isPremultiplied?.forEach((isTwice, image) => {
        if (!isTwice) return;
        const planes = slices.subarray(2 * image * pixelCount, 2 * (image + 1) * pixelCount);
        multiplyPlanes(planes, ctf.subarray(image * pixelCount), pixelCount, 1);
      });
      turnPhases(slices, this.#band, this.pixelSizeA, batch.optics, aberrations);
    }
    if (batch.shiftsPx !== null)
      shiftPlanes(slices, this.#shiftsOf(batch.shiftsPx, aberrations), this.#band, batch.count);
    const pixels = this.boxPx * this.boxPx;
    const images = new Float32Array(batch.count * pixels);
    for (let image = 0; image < batch.count; image++) {
      const re = slices.subarray(2 * image * pixelCount, (2 * image + 1) * pixelCount);
      const im = slices.subarray((2 * image + 1) * pixelCount, (2 * image + 2) * pixelCount);
      this.#toImage.imageInto(images, image * pixels, re, im, 0);
    }
    await this.#magnify(images, aberrations);
    return images;
  }

  /** In frequencies of the specimen the displacement t of an image is M⁻ᵀ t. */
  #shiftsOf(shiftsPx: Float64Array, aberrations: readonly (Aberrations | undefined)[]): Float64Array {
    const out = shiftsPx.slice();
    aberrations.forEach((a, i) => {
      if (a === undefined || !hasMagnification(a)) return;
      const inverse = invert2(a.magnification);
      out.set(toCommonShift(inverse, this.boxPx, this.boxPx, shiftsPx[2 * i]!, shiftsPx[2 * i + 1]!), 2 * i);
    });
    return out;
  }

  /** X(k) = X(M k) of the images whose group has a magnification matrix. */
  async #magnify(images: Float32Array, aberrations: readonly (Aberrations | undefined)[]): Promise<void> {
    const pixels = this.boxPx * this.boxPx;
    for (const each of new Set(aberrations)) {
      if (each === undefined || !hasMagnification(each)) continue;
      const rows = aberrations.flatMap((a, i) => (a === each ? [i] : []));
      const chosen = new Float32Array(rows.length * pixels);
      rows.forEach((row, i) => {
        chosen.set(images.subarray(row * pixels, (row + 1) * pixels), i * pixels);
      });
      const factor = new Float32Array(2 * this.#band.pixelCount).fill(1, 0, this.#band.pixelCount);
      const buffers = { pixels: this.#device.upload(chosen), factor: this.#device.upload(factor) };
      const out = this.#device.allocate("f32", chosen.length);
      this.#device.conformImages({
        ...this.#bandArgs,
        ...buffers,
        imageCount: rows.length,
        inBoxPx: this.boxPx,
        matrix: each.magnification,
        ctfFloor: 0,
        out,
      });
      const magnified = (await this.#device.read(out)) as Float32Array;
      rows.forEach((row, i) => {
        images.set(magnified.subarray(i * pixels, (i + 1) * pixels), row * pixels);
      });
      for (const buffer of [buffers.pixels, buffers.factor, out]) buffer.free();
    }
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

  async #ctf(optics: readonly Optics[], aberrations: readonly (Aberrations | undefined)[]): Promise<Float32Array> {
    const even = [...new Set(aberrations)].filter((a) => a !== undefined && hasEvenPhase(a));
    const owned: DeviceBuffer[] = [];
    const upload = (data: Float64Array | Int32Array) => {
      const buffer = this.#device.upload(data);
      owned.push(buffer);
      return buffer;
    };
    const out = this.#device.allocate("f32", optics.length * this.#band.pixelCount);
    owned.push(out);
    try {
      this.#device.ctf({
        ...this.#bandArgs,
        imageCount: optics.length,
        optics: upload(opticsRows(optics, this.pixelSizeA)),
        envelope: upload(Float64Array.from(optics.flatMap((o) => [o.bFactorA2 ?? 0, o.ctfScale ?? 1]))),
        evenPhase: upload(evenPhaseTable(even as Aberrations[], this.#band, this.pixelSizeA)),
        evenPhaseRow: upload(Int32Array.from(optics, (_, i) => even.indexOf(aberrations[i]))),
        evenPhaseRowCount: even.length,
        out,
      });
      return (await this.#device.read(out)) as Float32Array;
    } finally {
      for (const buffer of owned) buffer.free();
    }
  }
}

/** Multiplies by e^{iφ}: beam tilt and odd Zernike terms. */
function turnPhases(
  slices: Float32Array,
  band: Band,
  pixelSizeA: number,
  optics: readonly Optics[],
  aberrations: readonly (Aberrations | undefined)[],
): void {
  const perPixelInvA = 1 / (band.boxPx * pixelSizeA);
  const known = new Map<Aberrations, Float64Array>();
  aberrations.forEach((a, image) => {
    if (a === undefined || !hasOddPhase(a)) return;
    const phases =
      known.get(a) ??
      Float64Array.from(band.kx, (kx, pixel) =>
        oddPhaseRad(a, optics[image]!, kx * perPixelInvA, band.ky[pixel]! * perPixelInvA),
      );
    known.set(a, phases);
    const reStart = 2 * image * band.pixelCount;
    const imStart = reStart + band.pixelCount;
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const c = Math.cos(phases[pixel]!);
      const s = Math.sin(phases[pixel]!);
      const re = slices[reStart + pixel]!;
      const im = slices[imStart + pixel]!;
      slices[reStart + pixel] = re * c - im * s;
      slices[imStart + pixel] = re * s + im * c;
    }
  });
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
