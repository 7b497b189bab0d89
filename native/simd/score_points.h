#pragma once

#include <cstdint>

#include "kernels/row_grid.h"

namespace vitreous {

// Rotations that pass over one block of pixels together, while its part of the reference is in the nearest cache.
constexpr std::int64_t score_group_rotations = 16;
// Floats of the weighted image per group of four positions.
constexpr std::int64_t score_group_floats = 24;

// padding R (kx, ky, 0): the first two columns of the rotation, in padded voxels.
struct SlicePlane {
  float kx[3];
  float ky[3];
  double start;  // of the norm: 0, or NaN where the quaternion is no rotation
};

// One image against a few rotations and their shifts.
struct ScoreGroupJob {
  const RowRun* runs;
  const RowBlock* blocks;
  std::int64_t block_count;
  const float* voxels;  // [size_z][size_y][size_x][2]
  std::int32_t size_x;
  std::int32_t size_y;
  float border;           // index of the origin along y and z
  double box_px;
  std::int64_t shift_count;
  std::int64_t table_x;   // lengths of the phase tables, multiples of 8
  std::int64_t table_y;
  const float* weighted;  // [groups][24]: kernels/score_points.cpp
  float* tables;          // scratch [rotations][shifts][cos x, sin x, cos y, sin y]
  double* cross;          // scratch [rotations][shifts]
  double* norm;           // scratch [rotations]
  std::int64_t rotation_count;
  SlicePlane planes[score_group_rotations];
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
