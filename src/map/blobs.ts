/** A molecule as a sum of round Gaussians: its transform is known in closed form. */

export interface Blobs {
  readonly count: number;
  /** [count] centres in Å from the box centre. */
  readonly xA: Float64Array;
  readonly yA: Float64Array;
  readonly zA: Float64Array;
  /** [count] standard deviation, Å. */
  readonly sigmaA: Float64Array;
  /** [count] integral of the blob's density. */
  readonly weight: Float64Array;
}

export interface Blob {
  readonly xA: number;
  readonly yA: number;
  readonly zA: number;
  readonly sigmaA: number;
  readonly weight: number;
}

export function makeBlobs(list: readonly Blob[]): Blobs {
  const column = (name: keyof Blob) => Float64Array.from(list, (blob) => blob[name]);
  return {
    count: list.length,
    xA: column("xA"),
    yA: column("yA"),
    zA: column("zA"),
    sigmaA: column("sigmaA"),
    weight: column("weight"),
  };
}

/**
 * out[0], out[1] = real and imaginary part of the blobs' continuous transform at a frequency in 1/Å:
 *
 *     Σ w exp(-2π² σ² |s|²) exp(-2πi s·x)
 *
 * With a box centred on its voxel floor(N/2) this is the unnormalised DFT of `blobDensityInto` at k = s N px, for every
 * |k| component below N/2.
 */
export function blobFourierInto(out: Float64Array, blobs: Blobs, sxInvA: number, syInvA: number, szInvA: number): void {
  const square = sxInvA ** 2 + syInvA ** 2 + szInvA ** 2;
  let real = 0;
  let imaginary = 0;
  for (let i = 0; i < blobs.count; i++) {
    const amplitude = blobs.weight[i]! * Math.exp(-2 * Math.PI ** 2 * blobs.sigmaA[i]! ** 2 * square);
    const phaseRad = -2 * Math.PI * (sxInvA * blobs.xA[i]! + syInvA * blobs.yA[i]! + szInvA * blobs.zA[i]!);
    real += amplitude * Math.cos(phaseRad);
    imaginary += amplitude * Math.sin(phaseRad);
  }
  out[0] = real;
  out[1] = imaginary;
}
