import { halfLength } from "../geometry/shells.ts";
import type { Fft3 } from "../map/fft3.ts";
import { sphereMaskInto } from "../map/masks.ts";
import { resampleMap } from "../map/resample.ts";

/** Times the particle's diameter that is kept of the box. */
const FIELD_DIAMETERS = 1.25;
const PADDING = 2;

/** The transform of a map around a chosen centre, at its lattice points and between them. */
export interface SampledMap {
  /** Frequencies are in units of 1/fieldA. */
  readonly fieldA: number;
  readonly lastShell: number;
  /** [points × 3] lattice points of one half of Fourier space, shell by shell from the first in use. */
  readonly points: Int32Array;
  /** [points] */
  readonly shell: Int32Array;
  /** [points × 2] F at the points. */
  readonly values: Float32Array;
  /** Centred complex cube of the padded transform: side, and where frequency 0 lies. */
  readonly cube: Float32Array;
  readonly cubeSide: number;
}

export interface SampledMapOptions {
  readonly pixelSizeA: number;
  readonly diameterA: number;
  readonly resolutionA: number;
  /** From the centre voxel, Å. */
  readonly centreA: readonly [x: number, y: number, z: number];
  /** Points kept, spread evenly. */
  readonly mostPoints: number;
}

/** First shell in use: lower ones hold the particle's size, which every rotation keeps. */
const FIRST_SHELL = 2;

/** @param map  [boxPx³] */
export async function sampleMap(
  map: Float32Array,
  boxPx: number,
  options: SampledMapOptions,
  fft: Fft3,
): Promise<SampledMap> {
  const { pixelSizeA, diameterA, resolutionA, centreA, mostPoints } = options;
  const fieldA = Math.min(boxPx * pixelSizeA, FIELD_DIAMETERS * diameterA);
  const lastShell = Math.max(FIRST_SHELL + 2, Math.floor(fieldA / resolutionA));
  const side = 2 * (lastShell + 3);
  const small = resampleMap(map, { boxPx, pixelSizeA }, { boxPx: side, pixelSizeA: fieldA / side });
  const centred = await moved(small, side, centreA.map((a) => (a * side) / fieldA) as [number, number, number], fft);
  const radiusPx = Math.min(side / 2 - 1, (side * diameterA) / (2 * fieldA));
  const mask = sphereMaskInto(new Float32Array(side ** 3), side, radiusPx, Math.max(1, 0.06 * side));
  const transform = await fft.forward(paddedForGridding(centred, mask, side), PADDING * side);
  const cubeSide = 2 * (PADDING * (lastShell + 1) + 1) + 1;
  const cube = centredCube(transform, PADDING * side, cubeSide);
  return { fieldA, lastShell, cube, cubeSide, ...pointsOf(cube, cubeSide, lastShell, mostPoints) };
}

/** The map moved so that `centrePx` from its centre voxel comes to lie on it. */
async function moved(
  map: Float32Array,
  side: number,
  centrePx: readonly [number, number, number],
  fft: Fft3,
): Promise<Float32Array> {
  if (centrePx.every((value) => value === 0)) return map;
  const transform = await fft.forward(map, side);
  const length = halfLength(side);
  for (let iz = 0, o = 0; iz < side; iz++) {
    const kz = iz < side / 2 ? iz : iz - side;
    for (let iy = 0; iy < side; iy++) {
      const ky = iy < side / 2 ? iy : iy - side;
      for (let kx = 0; kx < length; kx++, o += 2) {
        const phase = (2 * Math.PI * (kx * centrePx[0] + ky * centrePx[1] + kz * centrePx[2])) / side;
        const [re, im] = [transform[o]!, transform[o + 1]!];
        const [cosine, sine] = [Math.cos(phase), Math.sin(phase)];
        transform[o] = re * cosine - im * sine;
        transform[o + 1] = re * sine + im * cosine;
      }
    }
  }
  return fft.inverse(transform, side);
}

/** Masked, divided by the transform of the trilinear kernel (sinc²) and padded with zeros about the centre voxel. */
function paddedForGridding(map: Float32Array, mask: Float32Array, side: number): Float32Array {
  const big = PADDING * side;
  const out = new Float32Array(big ** 3);
  const sinc2 = Float64Array.from({ length: side }, (_, i) => {
    const u = (Math.PI * (i - side / 2)) / big;
    return u === 0 ? 1 : (Math.sin(u) / u) ** 2;
  });
  const offset = (big - side) / 2;
  for (let z = 0, o = 0; z < side; z++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++, o++) {
        out[((z + offset) * big + y + offset) * big + x + offset] =
          (map[o]! * mask[o]!) / (sinc2[x]! * sinc2[y]! * sinc2[z]!);
      }
    }
  }
  return out;
}

/** Both halves of the transform around frequency 0, the phases referred to the centre voxel. */
function centredCube(transform: Float32Array, big: number, cubeSide: number): Float32Array {
  const cube = new Float32Array(2 * cubeSide ** 3);
  const edge = (cubeSide - 1) / 2;
  const length = halfLength(big);
  for (let z = -edge, o = 0; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = -edge; x <= edge; x++, o += 2) {
        const s = x < 0 ? -1 : 1;
        const [fx, fy, fz] = [s * x, s * y, s * z];
        const at = 2 * ((((fz + big) % big) * big + ((fy + big) % big)) * length + fx);
        const sign = (x + y + z) & 1 ? -1 : 1;
        cube[o] = sign * transform[at]!;
        cube[o + 1] = s * sign * transform[at + 1]!;
      }
    }
  }
  return cube;
}

function pointsOf(cube: Float32Array, cubeSide: number, lastShell: number, mostPoints: number) {
  const found: { readonly x: number; readonly y: number; readonly z: number; readonly shell: number }[] = [];
  for (let z = -lastShell; z <= lastShell; z++) {
    for (let y = -lastShell; y <= lastShell; y++) {
      for (let x = 0; x <= lastShell; x++) {
        if (x === 0 && (y < 0 || (y === 0 && z <= 0))) continue;
        const shell = Math.round(Math.hypot(x, y, z));
        if (shell >= FIRST_SHELL && shell <= lastShell) found.push({ x, y, z, shell });
      }
    }
  }
  // A stride that shares no factor with the lattice's rows spreads the points that are kept.
  const stride = Math.max(1, found.length / mostPoints);
  const kept = found.filter((_, i) => Math.floor((i + 1) / stride) > Math.floor(i / stride));
  kept.sort((a, b) => a.shell - b.shell);
  const edge = (cubeSide - 1) / 2;
  const values = new Float32Array(2 * kept.length);
  kept.forEach(({ x, y, z }, i) => {
    const at = 2 * (((PADDING * z + edge) * cubeSide + PADDING * y + edge) * cubeSide + PADDING * x + edge);
    values[2 * i] = cube[at]!;
    values[2 * i + 1] = cube[at + 1]!;
  });
  return {
    points: Int32Array.from(kept.flatMap(({ x, y, z }) => [x, y, z])),
    shell: Int32Array.from(kept, (point) => point.shell),
    values,
  };
}
