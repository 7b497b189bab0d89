import { friedelWeight, halfLength, shellOf, signedFrequency } from "../../src/geometry/shells.ts";

/** [shells] Re Σ A conj(B) / Σ |B|² of two half-complex transforms: 1 where A is B, whatever noise A has. */
export function shellGains(a: Float32Array, b: Float32Array, boxPx: number): Float64Array {
  const sums = shellSums(a, b, boxPx);
  return sums.cross.map((cross, s) => (sums.powerB[s]! > 0 ? cross / sums.powerB[s]! : 0));
}

/** [shells] √(Σ|A|² / Σ|B|²): what FSC is blind to. */
export function amplitudeRatios(a: Float32Array, b: Float32Array, boxPx: number): Float64Array {
  const sums = shellSums(a, b, boxPx);
  return sums.powerA.map((power, s) => (sums.powerB[s]! > 0 ? Math.sqrt(power / sums.powerB[s]!) : 0));
}

function shellSums(a: Float32Array, b: Float32Array, boxPx: number) {
  const half = halfLength(boxPx);
  const cross = new Float64Array(half);
  const powerA = new Float64Array(half);
  const powerB = new Float64Array(half);
  for (let iz = 0, o = 0; iz < boxPx; iz++) {
    const kz = signedFrequency(iz, boxPx);
    for (let iy = 0; iy < boxPx; iy++) {
      const ky = signedFrequency(iy, boxPx);
      for (let kx = 0; kx < half; kx++, o += 2) {
        const shell = shellOf(kx * kx + ky * ky + kz * kz);
        if (shell >= half) continue;
        const weight = friedelWeight(kx, boxPx);
        cross[shell]! += weight * (a[o]! * b[o]! + a[o + 1]! * b[o + 1]!);
        powerA[shell]! += weight * (a[o]! ** 2 + a[o + 1]! ** 2);
        powerB[shell]! += weight * (b[o]! ** 2 + b[o + 1]! ** 2);
      }
    }
  }
  return { cross, powerA, powerB };
}
