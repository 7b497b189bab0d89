import { fourierBoxIndex, fourierBoxOfRadius } from "../../geometry/fourier-box.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { dft3Into, makeComplex3 } from "../reference/fft.ts";
import { hostF32 } from "../reference/host-buffer.ts";
import { expectPaddedSize, sincSquared } from "../reference/padded-grid.ts";

/**
 * Real-space map → reference for `project`: divide by the product sinc²(x/M)sinc²(y/M)sinc²(z/M), zero-pad to M = padding·N,
 * forward FFT (unnormalised, phase origin at voxel floor(N/2)), keep the FourierBox of radius volumeRadiusPx. Voxels with
 * |p| > padding·(maxShell + 1) may be 0. Voxels of the FourierBox at or beyond the M grid's Nyquist (|x|, |y| or |z| ≥ M/2)
 * are 0: they have no partner.
 */
export interface ReferenceVolumeArgs {
  /** f32 [N][N][N] */
  readonly map: DeviceBuffer;
  readonly boxPx: number;
  /** M = paddingFactor · boxPx must be an even integer. */
  readonly paddingFactor: number;
  readonly volumeRadiusPx: number;
  /** f32 [sizeZ][sizeY][sizeX][2], overwritten */
  readonly volume: DeviceBuffer;
}

export function checkReferenceVolume(args: ReferenceVolumeArgs): void {
  expectEvenBox("referenceVolume: boxPx", args.boxPx);
  expectPaddedSize("referenceVolume: paddingFactor", args.boxPx, args.paddingFactor);
  expectCount("referenceVolume: volumeRadiusPx", args.volumeRadiusPx);
  expectBuffer("referenceVolume: map", args.map, "f32", args.boxPx ** 3);
  expectBuffer("referenceVolume: volume", args.volume, "f32", 2 * fourierBoxOfRadius(args.volumeRadiusPx).voxelCount);
}

export function referenceVolumeReference(args: ReferenceVolumeArgs): void {
  const n = args.boxPx;
  const size = args.paddingFactor * n;
  const map = hostF32(args.map);
  const padded = makeComplex3(size, size, size);
  const wrap = (coordinate: number): number => (coordinate + size) % size;
  for (let z = 0; z < n; z++) {
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        // The centre goes to index 0, which is the phase origin.
        const [cx, cy, cz] = [x - n / 2, y - n / 2, z - n / 2];
        const correction = sincSquared(cx / size) * sincSquared(cy / size) * sincSquared(cz / size);
        padded.re[(wrap(cz) * size + wrap(cy)) * size + wrap(cx)] = map[(z * n + y) * n + x]! / correction;
      }
    }
  }
  dft3Into(padded, -1);
  const volume = hostF32(args.volume);
  const box = fourierBoxOfRadius(args.volumeRadiusPx);
  volume.fill(0, 0, 2 * box.voxelCount);
  const edge = Math.min(args.volumeRadiusPx + 1, size / 2 - 1);
  for (let z = -edge; z <= edge; z++) {
    for (let y = -edge; y <= edge; y++) {
      for (let x = 0; x <= edge; x++) {
        const target = 2 * fourierBoxIndex(box, x, y, z);
        const source = (wrap(z) * size + wrap(y)) * size + x;
        volume[target] = padded.re[source]!;
        volume[target + 1] = padded.im[source]!;
      }
    }
  }
}
