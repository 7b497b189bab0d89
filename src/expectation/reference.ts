import type { DeviceBuffer } from "../device/buffer.ts";
import type { ReferenceArgs } from "../device/ops/image-set.ts";
import type { Device } from "../device/types.ts";
import { fourierBoxFor } from "../geometry/fourier-box.ts";

/** A half-set's reference, ready to be cut into slices. */
export interface DeviceReference {
  readonly args: ReferenceArgs;
  free(): void;
}

/** Fourier volume of a map, padded and gridding-corrected, up to `maxShell`. */
export function makeReference(
  device: Device,
  map: Float32Array,
  boxPx: number,
  paddingFactor: number,
  maxShell: number,
): DeviceReference {
  const box = fourierBoxFor(maxShell, paddingFactor);
  const volume: DeviceBuffer = device.allocate("f32", 2 * box.voxelCount);
  const mapBuffer = device.upload(map);
  device.referenceVolume({ map: mapBuffer, boxPx, paddingFactor, volumeRadiusPx: box.radiusPx, volume });
  mapBuffer.free();
  return {
    args: { volume, volumeRadiusPx: box.radiusPx, paddingFactor, maxShell },
    free: () => volume.free(),
  };
}
