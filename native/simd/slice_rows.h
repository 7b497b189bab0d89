#pragma once

#include "simd/float8.h"
#include "simd/score_points.h"

namespace vitreous::VITREOUS_SIMD_NS {

// Where the slice's points of one block lie in the box: groups of eight, four kx of the row +ky, then of the row -ky.
struct BlockPoints {
  static constexpr int count = 2 * RowGrid::max_run;
  alignas(64) std::int32_t voxel[count];  // of the lowest corner, in complex numbers
  alignas(64) float fx[count];
  alignas(64) float fy[count];
  alignas(64) float fz[count];
  alignas(64) std::int32_t mate[count];   // sign bit: take the conjugate
};

// Own loop, ahead of the fetches: the chain from a frequency to an address is long, and so many of them overlap.
static inline void locate_block(const ScoreGroupJob& box, const RowRun* runs, std::int32_t run_count,
                                const SlicePlane& plane, BlockPoints& points) noexcept {
  std::int32_t at = 0;
  const float8 size_y = broadcast8(static_cast<float>(box.size_y));
  for (std::int32_t r = 0; r < run_count; ++r) {
    const float ky = static_cast<float>(runs[r].ky);
    const float8 signed_ky = {ky, ky, ky, ky, -ky, -ky, -ky, -ky};
    const float8 base_x = signed_ky * plane.ky[0];
    const float8 base_y = signed_ky * plane.ky[1];
    const float8 base_z = signed_ky * plane.ky[2];
    const float8 last_kx = broadcast8(static_cast<float>(runs[r].first_kx + runs[r].count - 1));
    float8 kx = float8{0, 1, 2, 3, 0, 1, 2, 3} + static_cast<float>(runs[r].first_kx);
    for (std::int32_t i = 0; i < runs[r].count; i += 4, at += 8, kx += 4.0f) {
      const float8 used_kx = smaller(kx, last_kx);
      float8 x = fma(used_kx, broadcast8(plane.kx[0]), base_x);
      float8 y = fma(used_kx, broadcast8(plane.kx[1]), base_y);
      float8 z = fma(used_kx, broadcast8(plane.kx[2]), base_z);
      // The box holds x >= 0; the other half is its Friedel mate: V(p) = conj V(-p).
      const int32x8 mate = bits(x) & static_cast<std::int32_t>(0x80000000);
      x = from_bits(bits(x) ^ mate);
      y = from_bits(bits(y) ^ mate) + box.border;
      z = from_bits(bits(z) ^ mate) + box.border;
      const float8 x0 = truncated(x);
      const float8 y0 = truncated(y);
      const float8 z0 = truncated(z);
      const int32x8 row = to_int(fma(z0, size_y, y0));  // exact: below 2^24 rows
      store8(points.voxel + at, row * box.size_x + to_int(x0));
      store8(points.fx + at, x - x0);
      store8(points.fy + at, y - y0);
      store8(points.fz + at, z - z0);
      store8(points.mate + at, mate);
    }
  }
}

// The four rows of voxels along x around a point: (y, z), (y + 1, z), (y, z + 1), (y + 1, z + 1).
struct VoxelRows {
  const float* row[4];
};

VITREOUS_INLINE VoxelRows voxel_rows(const ScoreGroupJob& box) noexcept {
  const std::int64_t step_y = 2 * static_cast<std::int64_t>(box.size_x);
  const std::int64_t step_z = step_y * box.size_y;
  return {{box.voxels, box.voxels + step_y, box.voxels + step_z, box.voxels + step_z + step_y}};
}

// Two points' rows of x neighbours side by side: re, im, re, im of the one, then of the other.
VITREOUS_INLINE float8 row_pair(const float* corner, std::int64_t first, std::int64_t second) noexcept {
  return join(load4(corner + 2 * first), load4(corner + 2 * second));
}

// re, im of the slice at eight located points. Rows along x are interpolated in y and z as they are, two points (one of
// each row, +ky and -ky) in one vector; then four such vectors are transposed and interpolated in x.
VITREOUS_INLINE void fetch8(const VoxelRows& rows, const BlockPoints& points, std::int32_t at, float8& re,
                            float8& im) noexcept {
  const float8 fy = load8(points.fy + at);
  const float8 fz = load8(points.fz + at);
  const float8 spread_y[4] = {spread_lane<0>(fy), spread_lane<1>(fy), spread_lane<2>(fy), spread_lane<3>(fy)};
  const float8 spread_z[4] = {spread_lane<0>(fz), spread_lane<1>(fz), spread_lane<2>(fz), spread_lane<3>(fz)};
  float8 pair[4];
#pragma GCC unroll 4
  for (int lane = 0; lane < 4; ++lane) {
    const std::int64_t first = points.voxel[at + lane];
    const std::int64_t second = points.voxel[at + lane + 4];
    const float8 y0 = row_pair(rows.row[0], first, second);
    const float8 y1 = row_pair(rows.row[1], first, second);
    const float8 z0 = fma(spread_y[lane], y1 - y0, y0);
    const float8 y2 = row_pair(rows.row[2], first, second);
    const float8 y3 = row_pair(rows.row[3], first, second);
    const float8 z1 = fma(spread_y[lane], y3 - y2, y2);
    pair[lane] = fma(spread_z[lane], z1 - z0, z0);
  }
  const float8 a = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13);
  const float8 b = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13);
  const float8 c = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15);
  const float8 d = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
  const float8 re0 = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
  const float8 im0 = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  const float8 re1 = __builtin_shufflevector(c, d, 0, 1, 8, 9, 4, 5, 12, 13);
  const float8 im1 = __builtin_shufflevector(c, d, 2, 3, 10, 11, 6, 7, 14, 15);
  const float8 fx = load8(points.fx + at);
  re = fma(fx, re1 - re0, re0);
  im = from_bits(bits(fma(fx, im1 - im0, im0)) ^ load8(points.mate + at));
}

}  // namespace vitreous::VITREOUS_SIMD_NS
