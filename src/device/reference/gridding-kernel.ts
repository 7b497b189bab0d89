/** Shape of the kernel that the gridding loop smooths the compensated density with. */
const ALPHA = 15;

/**
 * Transform of the modified Kaiser–Bessel blob of order 0 on a real-space grid, over its value at the origin.
 *
 * H(ρ) ∝ B(v)/v^1.5 with u = 2πaρ; u ≤ α: v = √(α² − u²), B = I_{1.5}; else v = √(u² − α²), B = J_{1.5}; ρ = distance / size
 * (Lewitt 1990; algorithm 6.5).
 *
 * @param size  side of the grid, voxels
 * @param radiusPx  a: radius of the blob in Fourier space, padded voxels
 * @returns [3·(size/2)² + 1], indexed by the squared distance in voxels
 */
export function makeGriddingKernel(size: number, radiusPx: number): Float64Array {
  const origin = besselRatio(ALPHA * ALPHA);
  return Float64Array.from({ length: 3 * (size / 2) ** 2 + 1 }, (_, squaredDistance) => {
    const u = (2 * Math.PI * radiusPx * Math.sqrt(squaredDistance)) / size;
    return besselRatio(ALPHA * ALPHA - u * u) / origin;
  });
}

/** √(π/2)·B_{1.5}(v)/v^1.5 of v = √|w|: I for w ≥ 0, J for w < 0; continuous at 0, where it is 1/3. */
function besselRatio(w: number): number {
  const v = Math.sqrt(Math.abs(w));
  if (v < 1e-2) return 1 / 3 + w / 30;
  if (w > 0) return (Math.cosh(v) - Math.sinh(v) / v) / (v * v);
  return (Math.sin(v) / v - Math.cos(v)) / (v * v);
}
