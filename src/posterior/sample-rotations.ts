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
 * samples of `keep` the one whose weights vary least (Fearnhead and Clifford 2003, J. R. Stat. Soc. B 65, 887, section 4).
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
  const factors = new Float64Array(M);
  for (let image = 0; image < images; image++) {
    for (let m = 0; m < M; m++) {
      mass[m] = 0;
      for (let t = 0; t < T; t++) mass[m]! += points.weights[(image * M + m) * T + t]!;
    }
    sampleFactorsInto(factors, mass, keep, offsetOf(image));
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
