import { philox4x32, uniform01 } from "../../src/core/random.ts";
import { makeBand } from "../../src/geometry/band.ts";
import { ImageFromBand } from "../../src/simulate/image-from-band.ts";
import type { Scene } from "./scene.ts";

/** The images of a scene in Fourier space, and back with changed phases. */
export function makeSceneSpectrum(scene: Scene) {
  const { boxPx: n, count } = scene;
  const band = makeBand(n, n / 2);
  return {
    /** [count][N][N] the same amplitudes; phases of shells beyond the last true one drawn anew. */
    randomisedBeyond(lastTrueShell: number, seed: number): Float32Array {
      const toImage = new ImageFromBand(band);
      const out = new Float32Array(scene.images.length);
      const re = new Float32Array(band.pixelCount);
      const im = new Float32Array(band.pixelCount);
      const words = new Uint32Array(4);
      for (let i = 0; i < count; i++) {
        const image = scene.images.subarray(i * n * n, (i + 1) * n * n);
        transformInto(re, im, image, n, band.kx, band.ky);
        for (let p = 0; p < band.pixelCount; p++) {
          if (band.shell[p]! <= lastTrueShell) continue;
          philox4x32(words, seed, 1, i, p, 0, 0);
          const amplitude = Math.hypot(re[p]!, im[p]!);
          const phaseRad = 2 * Math.PI * uniform01(words[0]!);
          re[p] = amplitude * Math.cos(phaseRad);
          im[p] = amplitude * Math.sin(phaseRad);
        }
        toImage.imageInto(out, i * n * n, re, im, 0);
      }
      return out;
    },
  };
}

/** Direct DFT about the box centre, rows first. */
function transformInto(
  re: Float32Array,
  im: Float32Array,
  image: Float32Array,
  n: number,
  kx: Int32Array,
  ky: Int32Array,
): void {
  const cos = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sin = Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  const wrap = (i: number) => ((i % n) + n) % n;
  const rowRe = new Float64Array((n / 2 + 1) * n);
  const rowIm = new Float64Array((n / 2 + 1) * n);
  for (let y = 0; y < n; y++) {
    for (let k = 0; k <= n / 2; k++) {
      for (let x = 0; x < n; x++) {
        const turn = wrap(k * (x - n / 2));
        rowRe[k * n + y]! += image[y * n + x]! * cos[turn]!;
        rowIm[k * n + y]! -= image[y * n + x]! * sin[turn]!;
      }
    }
  }
  for (let p = 0; p < kx.length; p++) {
    let a = 0;
    let b = 0;
    for (let y = 0; y < n; y++) {
      const turn = wrap(ky[p]! * (y - n / 2));
      const [u, v] = [rowRe[kx[p]! * n + y]!, rowIm[kx[p]! * n + y]!];
      a += u * cos[turn]! + v * sin[turn]!;
      b += v * cos[turn]! - u * sin[turn]!;
    }
    re[p] = a;
    im[p] = b;
  }
}
