import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { hostF32, hostF64, hostI32 } from "../reference/host-buffer.ts";
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

export function checkCtf(args: CtfArgs): void {
  const { bandPixelCount, imageCount } = args;
  expectEvenBox("ctf: boxPx", args.boxPx);
  expectCount("ctf: imageCount", imageCount);
  expectCount("ctf: bandPixelCount", bandPixelCount);
  expectBuffer("ctf: bandKx", args.bandKx, "i32", bandPixelCount);
  expectBuffer("ctf: bandKy", args.bandKy, "i32", bandPixelCount);
  expectBuffer("ctf: optics", args.optics, "f64", imageCount * CTF_OPTICS_FIELDS);
  expectBuffer("ctf: out", args.out, "f32", imageCount * bandPixelCount);
}

export function ctfReference(args: CtfArgs): void {
  const { boxPx, bandPixelCount } = args;
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const optics = hostF64(args.optics);
  const out = hostF32(args.out);
  for (let image = 0; image < args.imageCount; image++) {
    const [
      defocusUA,
      defocusVA,
      defocusAngleRad,
      voltageV,
      sphericalAberrationA,
      amplitudeContrast,
      phaseShiftRad,
      pixelSizeA,
    ] = optics.subarray(image * CTF_OPTICS_FIELDS, (image + 1) * CTF_OPTICS_FIELDS) as unknown as Optics;
    const wavelengthA = 12.2643247 / Math.sqrt(voltageV * (1 + 0.978466e-6 * voltageV));
    const meanDefocusA = (defocusUA + defocusVA) / 2;
    const halfDifferenceA = (defocusUA - defocusVA) / 2;
    const cos2 = Math.cos(2 * defocusAngleRad);
    const sin2 = Math.sin(2 * defocusAngleRad);
    const phaseOffsetRad = phaseShiftRad + Math.asin(amplitudeContrast);
    for (let pixel = 0; pixel < bandPixelCount; pixel++) {
      const sx = kx[pixel]! / (boxPx * pixelSizeA);
      const sy = ky[pixel]! / (boxPx * pixelSizeA);
      const s2 = sx * sx + sy * sy;
      // z s² as a quadratic form in (sx, sy): no atan2
      const defocusS2 = meanDefocusA * s2 + halfDifferenceA * (cos2 * (sx * sx - sy * sy) + 2 * sin2 * sx * sy);
      const chiRad =
        -Math.PI * wavelengthA * defocusS2 + (Math.PI / 2) * sphericalAberrationA * wavelengthA ** 3 * s2 * s2;
      out[image * bandPixelCount + pixel] = -Math.sin(chiRad - phaseOffsetRad);
    }
  }
}

type Optics = readonly [number, number, number, number, number, number, number, number];
