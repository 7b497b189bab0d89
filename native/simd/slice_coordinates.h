#pragma once

// Where the pixels of a slice lie in a padded volume: p = padding R (kx, ky, 0). Include only from simd/*.cpp.

#include "simd/double4.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// The first two columns of padding × R, row by row ([3][2]), of the quaternion w, x, y, z, whatever its length; false where
// that is 0 or not finite.
inline bool slice_matrix(const float* quaternion, double padding_factor, double* matrix) noexcept {
  const double w = static_cast<double>(quaternion[0]);
  const double x = static_cast<double>(quaternion[1]);
  const double y = static_cast<double>(quaternion[2]);
  const double z = static_cast<double>(quaternion[3]);
  const double squared = w * w + x * x + y * y + z * z;
  if (!(squared > 1e-30 && squared < 1e30)) return false;
  const double s = 2 / squared;
  matrix[0] = padding_factor * (1 - s * (y * y + z * z));
  matrix[1] = padding_factor * s * (x * y - w * z);
  matrix[2] = padding_factor * s * (x * y + w * z);
  matrix[3] = padding_factor * (1 - s * (x * x + z * z));
  matrix[4] = padding_factor * s * (x * z - w * y);
  matrix[5] = padding_factor * s * (y * z + w * x);
  return true;
}

// One axis of padding R (kx, ky, 0). The same arithmetic wherever it is asked for, and odd in (kx, ky) to the last bit.
VITREOUS_INLINE double4 coordinate(const double* row, double4 kx, double4 ky) noexcept {
  return fma(broadcast(row[0]), kx, row[1] * ky);
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
