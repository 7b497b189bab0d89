import type { SampledMap } from "./sampled-map.ts";

const PADDING = 2;

/**
 * Correlation of a map with itself turned about its centre, per shell:
 *
 *     FSC(s) = Re Σ F(k) conj(F(R k)) e^{2πi (k − R k)·c} / √(Σ|F(k)|² Σ|F(R k)|²)
 *
 * c is a further shift of the centre, in fields (Å / fieldA). Every shell counts by its points, not by its power: low
 * shells would otherwise make every rotation of a round particle look like a symmetry.
 */
export class RotationalCorrelation {
  readonly #map: SampledMap;
  readonly #powerA: Float64Array;
  readonly #count: Float64Array;
  readonly #cross: Float64Array;
  readonly #powerB: Float64Array;

  constructor(map: SampledMap) {
    this.#map = map;
    this.#powerA = new Float64Array(map.lastShell + 1);
    this.#count = new Float64Array(map.lastShell + 1);
    this.#cross = new Float64Array(map.lastShell + 1);
    this.#powerB = new Float64Array(map.lastShell + 1);
    map.shell.forEach((shell, i) => {
      this.#powerA[shell]! += map.values[2 * i]! ** 2 + map.values[2 * i + 1]! ** 2;
      this.#count[shell]!++;
    });
  }

  /** Mean over the points. @param rotation  3×3 row-major, from `at` */
  at(rotation: Float64Array, at: number, centre?: readonly number[], lastShell = this.#map.lastShell): number {
    this.#accumulate(rotation, at, centre, lastShell);
    let sum = 0;
    let count = 0;
    for (let shell = 0; shell <= lastShell; shell++) {
      if (this.#count[shell] === 0) continue;
      sum += this.#count[shell]! * this.#fsc(shell);
      count += this.#count[shell]!;
    }
    return sum / count;
  }

  /** [shell] */
  shells(rotation: Float64Array, at: number, centre?: readonly number[]): Float64Array {
    this.#accumulate(rotation, at, centre, this.#map.lastShell);
    return Float64Array.from(this.#count, (count, shell) => (count > 0 ? this.#fsc(shell) : 1));
  }

  #fsc(shell: number): number {
    const power = Math.sqrt(this.#powerA[shell]! * this.#powerB[shell]!);
    return power > 0 ? this.#cross[shell]! / power : 0;
  }

  #accumulate(m: Float64Array, at: number, centre: readonly number[] | undefined, lastShell: number): void {
    const { points, shell, values, cube, cubeSide } = this.#map;
    this.#cross.fill(0);
    this.#powerB.fill(0);
    const edge = (cubeSide - 1) / 2;
    const rowStep = 2 * cubeSide;
    const planeStep = rowStep * cubeSide;
    for (let i = 0; i < shell.length; i++) {
      const s = shell[i]!;
      // Points are in the order of their shells.
      if (s > lastShell) break;
      const x = points[3 * i]!;
      const y = points[3 * i + 1]!;
      const z = points[3 * i + 2]!;
      const rx = m[at]! * x + m[at + 1]! * y + m[at + 2]! * z;
      const ry = m[at + 3]! * x + m[at + 4]! * y + m[at + 5]! * z;
      const rz = m[at + 6]! * x + m[at + 7]! * y + m[at + 8]! * z;
      const px = PADDING * rx + edge;
      const py = PADDING * ry + edge;
      const pz = PADDING * rz + edge;
      const ix = Math.floor(px);
      const iy = Math.floor(py);
      const iz = Math.floor(pz);
      const fx = px - ix;
      const fy = py - iy;
      const fz = pz - iz;
      const o = iz * planeStep + iy * rowStep + 2 * ix;
      let re = 0;
      let im = 0;
      for (let row = 0; row < 4; row++) {
        const weight = (row & 1 ? fy : 1 - fy) * (row & 2 ? fz : 1 - fz);
        const c = o + (row & 1 ? rowStep : 0) + (row & 2 ? planeStep : 0);
        re += weight * ((1 - fx) * cube[c]! + fx * cube[c + 2]!);
        im += weight * ((1 - fx) * cube[c + 1]! + fx * cube[c + 3]!);
      }
      let ar = values[2 * i]!;
      let ai = values[2 * i + 1]!;
      if (centre !== undefined) {
        const phase = 2 * Math.PI * ((x - rx) * centre[0]! + (y - ry) * centre[1]! + (z - rz) * centre[2]!);
        const cosine = Math.cos(phase);
        const sine = Math.sin(phase);
        const turned = ar * cosine - ai * sine;
        ai = ar * sine + ai * cosine;
        ar = turned;
      }
      this.#cross[s]! += ar * re + ai * im;
      this.#powerB[s]! += re * re + im * im;
    }
  }
}
