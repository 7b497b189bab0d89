import type { DeviceBuffer } from "../buffer.ts";
import type { BandArgs } from "./image-set.ts";

/** Numbers per image in `CtfArgs.optics`. */
export const CTF_OPTICS_FIELDS = 8;

/** Contrast transfer function of a batch of images on the band (optics/ctf.ts gives the formula). */
export interface CtfArgs extends BandArgs {
  readonly imageCount: number;
  /** f64 [imageCount][8]: defocusU Å, defocusV Å, defocusAngle rad, voltage V, Cs Å, amplitude contrast, phase shift rad, pixel size Å. */
  readonly optics: DeviceBuffer;
  /** f32 [imageCount][bandPixelCount], overwritten. */
  readonly out: DeviceBuffer;
}
