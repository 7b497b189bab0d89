import type { DeviceBuffer } from "../device/buffer.ts";
import type { Device } from "../device/types.ts";
import { makeBand } from "../geometry/band.ts";
import { NO_ABERRATIONS, oddPhaseRad } from "../optics/aberrations.ts";
import { computeBatchCtf, opticsOfBatch } from "./batch-ctf.ts";
import { frequencyMatrix, isConformed } from "./common-grid.ts";
import type { ImageModel, ImageReader } from "./image-model.ts";
import { type DeviceBand, uploadBand } from "./image-set.ts";
import type { ImageSource } from "./image-source.ts";
import type { OpticsGroup, ParticleTable } from "./table.ts";

/** A CTF below this in size is not divided by: what it left of the image is noise of the file's rounding. */
const CTF_FLOOR = 0.05;
/** Images held twice at once. */
const CHUNK = 128;

/** What the images of a group need on their way to the common grid. */
interface Conforming {
  readonly inBoxPx: number;
  readonly matrix: readonly number[];
  readonly factor: DeviceBuffer;
  readonly isPremultiplied: boolean;
}

/**
 * Brings images to the data set's common grid while they are read, so that all that follows sees one image model: box and pixel
 * size of the common grid, no magnification matrix, no antisymmetric phases (e^{−iφ} taken out), no CTF multiplied in.
 * Images that need none of this pass untouched.
 */
export class ConformingReader implements ImageReader {
  readonly #device: Device;
  readonly #inner: ImageReader;
  readonly #table: ParticleTable;
  readonly #source: ImageSource;
  readonly #model: Pick<ImageModel, "optics" | "envelope" | "symmetricPhase">;
  /** [optics groups]; null: nothing to do. */
  readonly #groups: readonly (Conforming | null)[];
  readonly #band: DeviceBand;

  /** @param inner  reads images of one optics group as stored, [count × box × box] */
  constructor(
    device: Device,
    inner: ImageReader,
    table: ParticleTable,
    source: ImageSource,
    model: Pick<ImageModel, "optics" | "envelope" | "symmetricPhase">,
  ) {
    this.#device = device;
    this.#inner = inner;
    this.#table = table;
    this.#source = source;
    this.#model = model;
    this.#band = uploadBand(device, makeBand(source.boxPx, source.boxPx / 2));
    this.#groups = table.opticsGroups.map((group, index) => this.#conformingOf(group, source.groupBoxPx[index]!));
  }

  async readInto(out: Float32Array, particles: Int32Array): Promise<void> {
    const pixels = this.#source.boxPx ** 2;
    for (const [index, places] of this.#placesByGroup(particles)) {
      const conforming = this.#groups[index] ?? null;
      if (conforming === null && places.length === particles.length) {
        await this.#inner.readInto(out, particles);
        continue;
      }
      for (let first = 0; first < places.length; first += CHUNK) {
        const chunk = places.slice(first, first + CHUNK);
        const rows = Int32Array.from(chunk, (place) => particles[place]!);
        const images = await this.#readChunk(rows, conforming);
        chunk.forEach((place, i) => {
          out.set(images.subarray(i * pixels, (i + 1) * pixels), place * pixels);
        });
      }
    }
  }

  #placesByGroup(particles: Int32Array): Map<number, number[]> {
    const places = new Map<number, number[]>();
    particles.forEach((particle, place) => {
      const group = this.#table.opticsGroup[particle]!;
      const list = places.get(group);
      if (list === undefined) places.set(group, [place]);
      else list.push(place);
    });
    return places;
  }

  async #readChunk(particles: Int32Array, conforming: Conforming | null): Promise<Float32Array> {
    const { boxPx } = this.#source;
    const inBoxPx = conforming?.inBoxPx ?? boxPx;
    const stored = new Float32Array(particles.length * inBoxPx ** 2);
    await this.#inner.readInto(stored, particles);
    if (conforming === null) return stored;
    const device = this.#device;
    const { band, boxPx: _, free: __, ...bandArgs } = this.#band;
    const pixels = device.upload(stored);
    const out = device.allocate("f32", particles.length * boxPx ** 2);
    const ctf = conforming.isPremultiplied ? device.allocate("f32", particles.length * band.pixelCount) : null;
    try {
      if (ctf) {
        computeBatchCtf(device, this.#band, this.#model, particles, opticsOfBatch(this.#model, particles), ctf);
      }
      device.conformImages({
        ...bandArgs,
        boxPx,
        imageCount: particles.length,
        inBoxPx,
        pixels,
        matrix: conforming.matrix,
        factor: conforming.factor,
        ...(ctf ? { ctf } : {}),
        ctfFloor: CTF_FLOOR,
        out,
      });
      return (await device.read(out)) as Float32Array;
    } finally {
      for (const buffer of [pixels, out, ctf]) buffer?.free();
    }
  }

  #conformingOf(group: OpticsGroup, inBoxPx: number): Conforming | null {
    const { boxPx, pixelSizeA } = this.#source;
    if (isConformed(group, inBoxPx, this.#source)) return null;
    const aberrations = group.aberrations ?? NO_ABERRATIONS;
    const { band } = this.#band;
    const factor = new Float32Array(2 * band.pixelCount);
    const perPixelInvA = 1 / (boxPx * pixelSizeA);
    // White noise keeps its variance per pixel from box to box.
    const gain = boxPx / inBoxPx;
    for (let pixel = 0; pixel < band.pixelCount; pixel++) {
      const phaseRad =
        group.voltageKv > 0
          ? oddPhaseRad(aberrations, group, band.kx[pixel]! * perPixelInvA, band.ky[pixel]! * perPixelInvA)
          : 0;
      factor[pixel] = gain * Math.cos(phaseRad);
      factor[band.pixelCount + pixel] = -gain * Math.sin(phaseRad);
    }
    return {
      inBoxPx,
      matrix: frequencyMatrix(group, inBoxPx, this.#source),
      factor: this.#device.upload(factor),
      isPremultiplied: group.isPremultiplied ?? false,
    };
  }
}

/** Most that |X| of an image of a group can grow on its way to the common grid. */
export function largestGrowth(group: OpticsGroup, groupBoxPx: number, source: ImageSource): number {
  if (isConformed(group, groupBoxPx, source)) return 1;
  // 1 %: interpolation.
  return (1.01 * (source.boxPx / groupBoxPx)) / (group.isPremultiplied ? CTF_FLOOR : 1);
}
