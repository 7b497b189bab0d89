import { UsageError } from "../../core/errors.ts";
import type { DeviceBuffer } from "../buffer.ts";
import { expectBuffer, expectCount, expectEvenBox } from "../check-buffer.ts";
import { hostF32, hostF64, hostI32 } from "../reference/host-buffer.ts";
import type { BandArgs } from "./image-set.ts";

/** Numbers per image in `CtfArgs.optics`. */
export const CTF_OPTICS_FIELDS = 8;

/**
 * Contrast transfer function of a batch of images on the band (optics/ctf.ts gives the formula):
 * scale · exp(−B |s|²/4) · sin(a − ψ), a the argument from defocus, spherical aberration, phase shift and contrast.
 */
export interface CtfArgs extends BandArgs {
  readonly imageCount: number;
  /** f64 [imageCount][8]: defocusU Å, defocusV Å, defocusAngle rad, voltage V, Cs Å, amplitude contrast, phase shift rad, pixel size Å. */
  readonly optics: DeviceBuffer;
  /** f64 [imageCount][2]: B-factor Å², scale. Absent: 0 and 1. */
  readonly envelope?: DeviceBuffer;
  /** f64 [phaseRowCount][bandPixelCount]: ψ, rad (even Zernike terms of an optics group). Absent: 0. */
  readonly evenPhase?: DeviceBuffer;
  /** i32 [imageCount]: row of evenPhase; below 0 for none. Given with evenPhase. */
  readonly evenPhaseRow?: DeviceBuffer;
  readonly evenPhaseRowCount?: number;
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
  if (args.envelope) expectBuffer("ctf: envelope", args.envelope, "f64", 2 * imageCount);
  if (args.evenPhase) {
    expectCount("ctf: evenPhaseRowCount", args.evenPhaseRowCount ?? -1);
    expectBuffer("ctf: evenPhase", args.evenPhase, "f64", args.evenPhaseRowCount! * bandPixelCount);
    if (!args.evenPhaseRow) throw new UsageError("ctf: evenPhaseRow: expected with evenPhase, got none. Give both.");
    expectBuffer("ctf: evenPhaseRow", args.evenPhaseRow, "i32", imageCount);
  }
  expectBuffer("ctf: out", args.out, "f32", imageCount * bandPixelCount);
}

export function ctfReference(args: CtfArgs): void {
  const { boxPx, bandPixelCount } = args;
  const kx = hostI32(args.bandKx);
  const ky = hostI32(args.bandKy);
  const optics = hostF64(args.optics);
  const envelope = args.envelope ? hostF64(args.envelope) : null;
  const evenPhase = args.evenPhase ? hostF64(args.evenPhase) : null;
  const evenPhaseRow = args.evenPhaseRow ? hostI32(args.evenPhaseRow) : null;
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
    const bFactorA2 = envelope?.[2 * image] ?? 0;
    const scale = envelope?.[2 * image + 1] ?? 1;
    const row = evenPhaseRow?.[image] ?? -1;
    if (evenPhase && row >= args.evenPhaseRowCount!) {
      throw new UsageError(`ctf: image ${image}: evenPhaseRow must be below ${args.evenPhaseRowCount}, got ${row}.`);
    }
    for (let pixel = 0; pixel < bandPixelCount; pixel++) {
      const evenPhaseRad = evenPhase && row >= 0 ? evenPhase[row * bandPixelCount + pixel]! : 0;
      const sx = kx[pixel]! / (boxPx * pixelSizeA);
      const sy = ky[pixel]! / (boxPx * pixelSizeA);
      const s2 = sx * sx + sy * sy;
      // z s² as a quadratic form in (sx, sy): no atan2
      const defocusS2 = meanDefocusA * s2 + halfDifferenceA * (cos2 * (sx * sx - sy * sy) + 2 * sin2 * sx * sy);
      const chiRad =
        -Math.PI * wavelengthA * defocusS2 + (Math.PI / 2) * sphericalAberrationA * wavelengthA ** 3 * s2 * s2;
      const damping = scale * Math.exp((-bFactorA2 * s2) / 4);
      out[image * bandPixelCount + pixel] = -damping * Math.sin(chiRad - phaseOffsetRad + evenPhaseRad);
    }
  }
}

type Optics = readonly [number, number, number, number, number, number, number, number];
