/** Support points of a set of images: each rotation with its own shifts. */
export interface SupportPoints {
  readonly rotationsPerImage: number;
  readonly shiftsPerRotation: number;
  /** [images][M][4] */
  readonly rotations: Float32Array;
  /** [images][M][T][2] */
  readonly shiftsPx: Float32Array;
  /** [images][M][T], a row sums to 1 or is all 0. */
  readonly weights: Float32Array;
}

/**
 * An unbiased sample of `keep` rotations of each image, with all their shifts: what residuals are taken of and what is inserted.
 * Rotations above a threshold κ keep their weight; of the others so many are drawn systematically that each stands for κ: among unbiased
 * samples of `keep` the one whose weights vary least (Fearnhead and Clifford 2003, J. R. Stat. Soc. B 65, 887, section 4). Rotations are drawn along a
 * curve that keeps near ones together, so that the sample is spread over the posterior as the rotations are.
 *
 * @param keep  rotations per image; as many as there are, or more: the points come back as they are
 * @param offsetOf  the one random number of an image, in (0, 1)
 */
export function sampleRotations(
  points: SupportPoints,
  keep: number,
  offsetOf: (image: number) => number,
): SupportPoints {
  const { rotationsPerImage: M, shiftsPerRotation: T } = points;
  if (keep >= M) return points;
  const images = points.weights.length / (M * T);
  const kept = {
    rotationsPerImage: keep,
    shiftsPerRotation: T,
    rotations: new Float32Array(images * keep * 4),
    shiftsPx: new Float32Array(images * keep * T * 2),
    weights: new Float32Array(images * keep * T),
  };
  const mass = new Float64Array(M);
  const order = new Float64Array(M);
  const along = new Float64Array(M);
  const drawn = new Float64Array(M);
  const factors = new Float64Array(M);
  for (let image = 0; image < images; image++) {
    for (let m = 0; m < M; m++) {
      mass[m] = 0;
      for (let t = 0; t < T; t++) mass[m]! += points.weights[(image * M + m) * T + t]!;
    }
    nearTogetherInto(order, points.rotations, image * M, mass);
    for (let i = 0; i < M; i++) along[i] = mass[order[i]!]!;
    sampleFactorsInto(drawn, along, keep, offsetOf(image));
    for (let i = 0; i < M; i++) factors[order[i]!] = drawn[i]!;
    let slot = image * keep;
    for (let m = 0; m < M; m++) {
      if (factors[m] === 0) continue;
      const from = image * M + m;
      kept.rotations.set(points.rotations.subarray(4 * from, 4 * from + 4), 4 * slot);
      kept.shiftsPx.set(points.shiftsPx.subarray(2 * T * from, 2 * T * (from + 1)), 2 * T * slot);
      for (let t = 0; t < T; t++) kept.weights[slot * T + t] = factors[m]! * points.weights[from * T + t]!;
      slot++;
    }
    // Places left over have weight 0; a unit quaternion is asked of them all the same.
    for (; slot < (image + 1) * keep; slot++) kept.rotations[4 * slot] = 1;
  }
  return kept;
}

/**
 * What each mass is multiplied with in the sample: 1 where it is kept for certain, κ/mass where it was drawn, 0 where it was not.
 * At most `keep` are not 0.
 *
 * @param factors  [masses], overwritten
 */
export function sampleFactorsInto(factors: Float64Array, masses: Float64Array, keep: number, offset: number): void {
  const threshold = thresholdOf(masses, keep);
  let running = offset * threshold;
  let left = keep;
  for (const mass of masses) if (mass > threshold) left--;
  for (let m = 0; m < masses.length; m++) {
    const mass = masses[m]!;
    if (mass > threshold) factors[m] = 1;
    else {
      running += mass;
      const isDrawn = mass > 0 && running >= threshold && left > 0;
      factors[m] = isDrawn ? threshold / mass : 0;
      if (isDrawn) {
        running -= threshold;
        left--;
      }
    }
  }
}

/** κ with Σ min(mass/κ, 1) = keep; 0 where at most `keep` masses are not 0. */
function thresholdOf(masses: Float64Array, keep: number): number {
  const sorted = masses.slice().sort().reverse();
  let below = 0;
  for (const mass of sorted) below += mass;
  if (!(sorted[keep]! > 0)) return 0;
  for (let certain = 0; certain < keep; certain++) {
    const threshold = below / (keep - certain);
    if (sorted[certain]! <= threshold) return threshold;
    below -= sorted[certain]!;
  }
  return below;
}

/** Bits of each coordinate along the curve. */
const CURVE_BITS = 8;

/**
 * The order of rotations along a Morton curve through their rotation vectors, seen from the heaviest; of rotations in one place the
 * earlier first.
 *
 * @param order  [M], overwritten
 */
function nearTogetherInto(order: Float64Array, rotations: Float32Array, first: number, mass: Float64Array): void {
  const M = order.length;
  let heaviest = 0;
  for (let m = 1; m < M; m++) if (mass[m]! > mass[heaviest]!) heaviest = m;
  const at = 4 * (first + heaviest);
  const [w, x, y, z] = [rotations[at]!, rotations[at + 1]!, rotations[at + 2]!, rotations[at + 3]!];
  const vectors = new Float64Array(3 * M);
  let reach = 1e-9;
  for (let m = 0; m < M; m++) {
    const q = 4 * (first + m);
    const [qw, qx, qy, qz] = [rotations[q]!, rotations[q + 1]!, rotations[q + 2]!, rotations[q + 3]!];
    // The vector part of the turn from the heaviest, of the quaternion whose real part is positive.
    const sign = w * qw + x * qx + y * qy + z * qz < 0 ? -1 : 1;
    vectors[3 * m] = sign * (w * qx - x * qw - y * qz + z * qy);
    vectors[3 * m + 1] = sign * (w * qy + x * qz - y * qw - z * qx);
    vectors[3 * m + 2] = sign * (w * qz - x * qy + y * qx - z * qw);
    // What weighs nothing does not stretch the curve.
    if (mass[m] === 0) continue;
    for (let i = 0; i < 3; i++) reach = Math.max(reach, Math.abs(vectors[3 * m + i]!));
  }
  const most = 2 ** CURVE_BITS - 1;
  for (let m = 0; m < M; m++) {
    let code = 0;
    for (let i = 0; i < 3; i++) {
      const share = Math.min(Math.max(0.5 + (0.5 * vectors[3 * m + i]!) / reach, 0), 1);
      code |= spreadBits(Math.floor(share * most)) << i;
    }
    order[m] = code * M + m;
  }
  order.sort();
  for (let m = 0; m < M; m++) order[m] = order[m]! % M;
}

/** Bits of a number below 2^8, three apart. */
function spreadBits(value: number): number {
  let spread = 0;
  for (let bit = 0; bit < CURVE_BITS; bit++) spread |= ((value >> bit) & 1) << (3 * bit);
  return spread;
}
