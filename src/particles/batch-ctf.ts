import type { DeviceBuffer } from "../device/buffer.ts";
import { CTF_OPTICS_FIELDS } from "../device/ops/ctf.ts";
import type { BandArgs } from "../device/ops/image-set.ts";
import type { Device } from "../device/types.ts";
import type { Band } from "../geometry/band.ts";
import type { ImageModel } from "./image-model.ts";

/** Optics rows of a batch, [particles][8] as CtfArgs.optics. */
export function opticsOfBatch(model: Pick<ImageModel, "optics">, particles: Int32Array): Float64Array {
  const rows = new Float64Array(CTF_OPTICS_FIELDS * particles.length);
  particles.forEach((p, i) => {
    rows.set(model.optics.subarray(CTF_OPTICS_FIELDS * p, CTF_OPTICS_FIELDS * (p + 1)), CTF_OPTICS_FIELDS * i);
  });
  return rows;
}

/**
 * CTFs of a batch with all that the image model knows: defocus, envelope, even Zernike terms.
 *
 * @param optics  [particles][8], `opticsOfBatch` or a variation of it
 * @param out  f32 [particles][band pixels], overwritten
 */
export function computeBatchCtf(
  device: Device,
  band: BandArgs & { readonly band: Band },
  model: Pick<ImageModel, "envelope" | "symmetricPhase">,
  particles: Int32Array,
  optics: Float64Array,
  out: DeviceBuffer,
): void {
  const owned: DeviceBuffer[] = [];
  const upload = (data: Float64Array | Int32Array) => {
    const buffer = device.upload(data);
    owned.push(buffer);
    return buffer;
  };
  const { envelope, symmetricPhase } = model;
  const extras = {
    ...(envelope === undefined
      ? {}
      : {
          envelope: upload(
            Float64Array.from({ length: 2 * particles.length }, (_, i) => envelope[2 * particles[i >> 1]! + (i & 1)]!),
          ),
        }),
    ...(symmetricPhase === undefined
      ? {}
      : {
          evenPhase: upload(symmetricPhase.tableOn(band.band)),
          evenPhaseRow: upload(Int32Array.from(particles, (p) => symmetricPhase.rowOf[p]!)),
          evenPhaseRowCount: symmetricPhase.rowCount,
        }),
  };
  const { boxPx, bandKx, bandKy, bandShell, bandPixelCount } = band;
  device.ctf({
    ...{ boxPx, bandKx, bandKy, bandShell, bandPixelCount },
    imageCount: particles.length,
    optics: upload(optics),
    ...extras,
    out,
  });
  for (const buffer of owned) buffer.free();
}
