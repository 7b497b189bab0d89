import type { Device } from "../../src/device/types.ts";
import type { DeviceReference } from "../../src/expectation/reference.ts";
import type { Band } from "../../src/geometry/band.ts";
import type { Optics } from "../../src/optics/optics.ts";
import type { Scene } from "./scene.ts";

/**
 * The log posterior of one image written out once more in double precision, from the pixels of the image and the voxels of the Fourier volume:
 * nothing of the program's own projector, CTF, transform, shift or sum is used.
 */
export class DoublePosterior {
  readonly #band: Band;
  readonly #pixels: number[] = [];
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #ctf: Float64Array;
  readonly #volume: Float32Array;
  readonly #radius: number;
  readonly #padding: number;
  readonly #inverseSigma2: number;

  /** @param volume  values of reference.args.volume (`readVolume`) */
  constructor(
    scene: Scene,
    image: number,
    band: Band,
    maxShell: number,
    reference: DeviceReference,
    volume: Float32Array,
  ) {
    const n = scene.boxPx;
    for (let p = 1; p < band.pixelCount; p++) if (band.shell[p]! <= maxShell) this.#pixels.push(p);
    this.#band = band;
    this.#volume = volume;
    this.#radius = reference.args.volumeRadiusPx;
    this.#padding = reference.args.paddingFactor;
    this.#inverseSigma2 = 2 / (n * n);
    this.#ctf = Float64Array.from(this.#pixels, (p) =>
      ctf(scene.optics[image]!, band.kx[p]! / (n * scene.pixelSizeA), band.ky[p]! / (n * scene.pixelSizeA)),
    );
    this.#re = new Float64Array(this.#pixels.length);
    this.#im = new Float64Array(this.#pixels.length);
    this.#pixels.forEach((p, i) => {
      for (let y = 0; y < n; y++) {
        for (let x = 0; x < n; x++) {
          const value = scene.images[(image * n + y) * n + x]!;
          const phaseRad = (2 * Math.PI * (band.kx[p]! * (x - n / 2) + band.ky[p]! * (y - n / 2))) / n;
          this.#re[i]! += value * Math.cos(phaseRad);
          this.#im[i]! -= value * Math.sin(phaseRad);
        }
      }
    });
  }

  /** [shifts][pixels][2] cos and sin of 2π k·t/N for shifts [count][2] px. */
  makePhases(shiftsPx: ArrayLike<number>): Float64Array {
    const out = new Float64Array(shiftsPx.length * this.#pixels.length);
    for (let t = 0, at = 0; t < shiftsPx.length / 2; t++) {
      for (const p of this.#pixels) {
        const turns =
          (this.#band.kx[p]! * shiftsPx[2 * t]! + this.#band.ky[p]! * shiftsPx[2 * t + 1]!) / this.#band.boxPx;
        out[at++] = Math.cos(2 * Math.PI * turns);
        out[at++] = Math.sin(2 * Math.PI * turns);
      }
    }
    return out;
  }

  /** L(R, t + moved) less that of no signal, for one rotation and many shifts t (`makePhases`). */
  logLikelihoodInto(
    out: Float64Array,
    q: ArrayLike<number>,
    phases: Float64Array,
    movedPx: readonly [number, number] = [0, 0],
  ): void {
    const [w, a, b, c] = [q[0]!, q[1]!, q[2]!, q[3]!];
    // First two columns of the rotation matrix of a unit quaternion.
    const columns = [
      [1 - 2 * (b * b + c * c), 2 * (a * b + w * c), 2 * (a * c - w * b)],
      [2 * (a * b - w * c), 1 - 2 * (a * a + c * c), 2 * (b * c + w * a)],
    ] as const;
    const count = this.#pixels.length;
    const crossRe = new Float64Array(count);
    const crossIm = new Float64Array(count);
    let power = 0;
    for (let i = 0; i < count; i++) {
      const kx = this.#band.kx[this.#pixels[i]!]!;
      const ky = this.#band.ky[this.#pixels[i]!]!;
      const s = this.#slice(
        this.#padding * (columns[0][0] * kx + columns[1][0] * ky),
        this.#padding * (columns[0][1] * kx + columns[1][1] * ky),
        this.#padding * (columns[0][2] * kx + columns[1][2] * ky),
      );
      const f = this.#ctf[i]! * this.#inverseSigma2;
      power += f * this.#ctf[i]! * (s[0] * s[0] + s[1] * s[1]);
      const re = f * (this.#re[i]! * s[0] + this.#im[i]! * s[1]);
      const im = f * (this.#re[i]! * s[1] - this.#im[i]! * s[0]);
      const phaseRad = (2 * Math.PI * (kx * movedPx[0] + ky * movedPx[1])) / this.#band.boxPx;
      crossRe[i] = re * Math.cos(phaseRad) + im * Math.sin(phaseRad);
      crossIm[i] = im * Math.cos(phaseRad) - re * Math.sin(phaseRad);
    }
    for (let t = 0, at = 0; t < out.length; t++) {
      let sum = -power / 2;
      // Re of conj(X) S e^{−i phase}
      for (let i = 0; i < count; i++, at += 2) sum += crossRe[i]! * phases[at]! + crossIm[i]! * phases[at + 1]!;
      out[t] = sum;
    }
  }

  #slice(x: number, y: number, z: number): readonly [number, number] {
    const sign = x < 0 ? -1 : 1;
    const p = [sign * x, sign * y, sign * z];
    const edge = this.#radius + 1;
    const side = 2 * this.#radius + 3;
    let re = 0;
    let im = 0;
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      const at = p.map((value, axis) => {
        const low = Math.floor(value);
        const isUpper = (corner >> axis) & 1;
        weight *= isUpper ? value - low : 1 - (value - low);
        return low + isUpper;
      });
      const voxel = ((at[2]! + edge) * side + at[1]! + edge) * (this.#radius + 2) + at[0]!;
      re += weight * this.#volume[2 * voxel]!;
      im += weight * this.#volume[2 * voxel + 1]!;
    }
    return [re, sign * im];
  }
}

/** The CTF of algorithm.md 1.3, with atan2 and cos 2θ instead of the quadratic form. */
function ctf(o: Optics, sx: number, sy: number): number {
  const volts = 1000 * o.voltageKv;
  const lambda = 12.2643247 / Math.sqrt(volts * (1 + 0.978466e-6 * volts));
  const s2 = sx * sx + sy * sy;
  const theta = Math.atan2(sy, sx);
  const z = (o.defocusUA + o.defocusVA + (o.defocusUA - o.defocusVA) * Math.cos(2 * (theta - o.defocusAngleRad))) / 2;
  const cs = 1e7 * o.sphericalAberrationMm;
  const chi = -Math.PI * lambda * z * s2 + (Math.PI / 2) * cs * lambda ** 3 * s2 * s2 - o.phaseShiftRad;
  return -Math.sin(chi - Math.asin(o.amplitudeContrast));
}

export async function readVolume(device: Device, reference: DeviceReference): Promise<Float32Array> {
  return (await device.read(reference.args.volume)) as Float32Array;
}

/** log Σ exp */
export function logSumExp(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
