import { expectInteger, expectLength } from "../../core/checks.ts";
import { halvesInto } from "./half.ts";
import { MRC_HEADER_BYTES } from "./header.ts";
import type { DensityMapData } from "./map.ts";
import { bytesPerPixel, type MrcWriteMode } from "./mode.ts";
import { PixelStatistics } from "./statistics.ts";

/** Pixels encoded per chunk: 4 Mi pixels, so that a map of any size is written in bounded memory. */
const CHUNK_PIXELS = 4 * 1024 * 1024;
const LABEL_BYTES = 80;

/** What a written header says. Axes are x, y, z and the origin is 0. */
export interface MrcContent {
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  readonly pixelSizeA: number;
  readonly mode: MrcWriteMode;
  /** A volume has space group 1; a stack of images has 0 and one section per cell. */
  readonly isVolume: boolean;
  readonly statistics: Pick<PixelStatistics, "min" | "max" | "mean" | "rms">;
  /** First text label, at most 80 ASCII characters. */
  readonly label?: string;
}

/** A complete MRC2014 header, little-endian, 1024 bytes. */
export function makeMrcHeader(content: MrcContent): Uint8Array {
  const bytes = new Uint8Array(MRC_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const int = (word: number, value: number): void => view.setInt32((word - 1) * 4, value, true);
  const float = (word: number, value: number): void => view.setFloat32((word - 1) * 4, value, true);
  const sizes = [content.sizeX, content.sizeY, content.sizeZ] as const;
  for (let axis = 0; axis < 3; axis++) {
    const size = sizes[axis] as number;
    expectInteger("makeMrcHeader: size", size, 1, 0x7fffffff);
    // A stack's cell is one section thick (MRC2014: mz = 1).
    const intervals = axis === 2 && !content.isVolume ? 1 : size;
    int(1 + axis, size);
    int(8 + axis, intervals);
    float(11 + axis, intervals * content.pixelSizeA);
    float(14 + axis, 90);
    int(17 + axis, axis + 1);
  }
  int(4, content.mode);
  float(20, content.statistics.min);
  float(21, content.statistics.max);
  float(22, content.statistics.mean);
  int(23, content.isVolume ? 1 : 0);
  // Mode 12 came with the 2014.1 revision.
  int(28, content.mode === 12 ? 20141 : 20140);
  bytes.set([0x4d, 0x41, 0x50, 0x20], 208);
  bytes.set([0x44, 0x44, 0, 0], 212);
  float(55, content.statistics.rms);
  int(56, 1);
  bytes.fill(0x20, 224, 224 + LABEL_BYTES);
  const label = (content.label ?? "Vitreous").slice(0, LABEL_BYTES);
  for (let i = 0; i < label.length; i++) bytes[224 + i] = label.charCodeAt(i) & 0x7f;
  return bytes;
}

/** Pixels in the file's little-endian bytes. */
export function encodePixels(pixels: Float32Array, mode: MrcWriteMode): Uint8Array {
  const bytes = new Uint8Array(pixels.length * bytesPerPixel(mode));
  if (mode === 12) {
    halvesInto(new Uint16Array(bytes.buffer), 0, pixels, 0, pixels.length);
  } else {
    new Float32Array(bytes.buffer).set(pixels);
  }
  return bytes;
}

/** Bytes of the file that `encodeMap` will produce. */
export function encodedMapBytes(map: DensityMapData, mode: MrcWriteMode): number {
  return MRC_HEADER_BYTES + map.sizeX * map.sizeY * map.sizeZ * bytesPerPixel(mode);
}

export interface EncodeOptions {
  readonly mode?: MrcWriteMode;
  /** False writes a stack of images instead of a volume. */
  readonly isVolume?: boolean;
  readonly label?: string;
}

/** The file of a map, header first, in chunks of bounded size. */
export function* encodeMap(map: DensityMapData, options: EncodeOptions = {}): Generator<Uint8Array> {
  const mode = options.mode ?? 2;
  expectLength("encodeMap: data", map.data, map.sizeX * map.sizeY * map.sizeZ);
  const statistics = new PixelStatistics();
  const section = map.sizeX * map.sizeY;
  for (let z = 0; z < map.sizeZ; z++) statistics.add(map.data.subarray(z * section, (z + 1) * section));
  yield makeMrcHeader({
    sizeX: map.sizeX,
    sizeY: map.sizeY,
    sizeZ: map.sizeZ,
    pixelSizeA: map.pixelSizeA,
    mode,
    isVolume: options.isVolume ?? true,
    statistics,
    ...(options.label === undefined ? {} : { label: options.label }),
  });
  for (let start = 0; start < map.data.length; start += CHUNK_PIXELS) {
    yield encodePixels(map.data.subarray(start, start + CHUNK_PIXELS), mode);
  }
}
