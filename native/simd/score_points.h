#pragma once

#include <cstdint>

#include "kernels/slice_patches.h"
#include "simd/slice_volume.h"

namespace vitreous {

// Rotations that pass over one patch of pixels together, while its part of the reference is in the nearest cache.
constexpr std::int64_t score_group_rotations = 96;
// Floats of the weighted image per row of a patch.
constexpr std::int64_t score_row_floats = 48;

// One image against a few rotations and their shifts.
struct ScoreGroupJob {
  const SlicePatch* patches;
  std::int64_t patch_count;
  const PatchRow* rows;
  const float* kx;  // [rows][8]
  SliceVolume volume;
  double box_px;
  std::int64_t shift_count;
  std::int64_t table_x;   // lengths of the phase tables, multiples of 8
  std::int64_t table_y;
  const float* weighted;  // [rows][48]: kernels/score_points.cpp
  float* tables;          // scratch, 64-byte aligned, [rotations][shifts][2 (table_x + table_y)]
  float* sums;            // scratch, 64-byte aligned, [rotations][shifts + 1][8]
  double* totals;         // scratch [rotations][shifts + 1]: cross terms and the norm
  std::int64_t rotation_count;
  SlicePlane planes[score_group_rotations];
  double starts[score_group_rotations];  // of the norm: 0, or NaN where the quaternion is no rotation
  const float* shifts_px;  // [rotations][shifts][2]
  float* out;              // [rotations][shifts]
};

namespace sse2 {
void score_group(const ScoreGroupJob& job) noexcept;
}
namespace avx2 {
void score_group(const ScoreGroupJob& job) noexcept;
}
namespace avx512 {
void score_group(const ScoreGroupJob& job) noexcept;
}

}  // namespace vitreous
