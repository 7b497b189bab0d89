/** Optics of one image: microscope constants of its optics group and the image's own defocus. */
export interface Optics {
  readonly voltageKv: number;
  readonly sphericalAberrationMm: number;
  /** 0–1. */
  readonly amplitudeContrast: number;
  /** Å, underfocus positive. */
  readonly defocusUA: number;
  readonly defocusVA: number;
  /** x axis → U, counter-clockwise as rows grow. */
  readonly defocusAngleRad: number;
  readonly phaseShiftRad: number;
  /** Å²: the CTF is multiplied by exp(−B |s|²/4). Absent: 0. */
  readonly bFactorA2?: number;
  /** Multiplies the CTF. Absent: 1. */
  readonly ctfScale?: number;
}
