#pragma once

// Projection of the pixels of one patch for a few rotations, in three short loops. Each waits little for its own results, so
// that the processor overlaps many points: where they lie, then the voxels around them, then the rest. Include only from
// simd/*.cpp.

#include "kernels/slice_patches.h"
#include "simd/float8.h"
#include "simd/slice_volume.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Rotations that are taken through the three loops together.
constexpr std::int32_t patch_rotations = 4;

// The points of a patch under a few rotations: vectors of eight lanes, [rotation][row][+ky, -ky].
struct PatchPoints {
  static constexpr std::int32_t count = 8 * 2 * SlicePatches::most_rows * patch_rotations;
  alignas(64) std::int32_t voxel[count];  // of the lowest corner, in complex numbers
  alignas(64) float fx[count];            // with the sign bit set where the conjugate counts
  alignas(64) float fy[count];
  alignas(64) float fz[count];
  alignas(64) float pair[4 * count];      // x and x + 1 of two points (lanes i and i + 4), interpolated in y and z
};

VITREOUS_INLINE void locate8(const SliceVolume& volume, float8 x, float8 y, float8 z, std::int32_t at, PatchPoints& points) noexcept {
  // The box holds x >= 0; the other half is its Friedel mate: V(p) = conj V(-p).
  const int32x8 mate = (x < 0.0f) & static_cast<std::int32_t>(0x80000000);
  x = absolute(x);  // -0 too: the sign of fx tells mates apart
  y = from_bits(bits(y) ^ mate) + volume.border;
  z = from_bits(bits(z) ^ mate) + volume.border;
  const float8 x0 = truncated(x);
  const float8 y0 = truncated(y);
  const float8 z0 = truncated(z);
  const int32x8 row = to_int(fma(z0, broadcast8(static_cast<float>(volume.size_y)), y0));  // exact: below 2^24 rows
  store8(points.voxel + at, row * volume.size_x + to_int(x0));
  store8(points.fx + at, from_bits(bits(x - x0) | mate));
  store8(points.fy + at, y - y0);
  store8(points.fz + at, z - z0);
}

static inline void locate_patch(const SliceVolume& volume, const PatchRow* rows, const float* kx, std::int32_t row_count,
                                const SlicePlane* planes, std::int32_t rotation_count, PatchPoints& points) noexcept {
  std::int32_t at = 0;
  for (const SlicePlane* plane = planes; plane < planes + rotation_count; ++plane) {
    for (std::int32_t r = 0; r < row_count; ++r, at += 16) {
      const float8 lanes = load8(kx + 8 * r);
      const float8 ky = broadcast8(static_cast<float>(rows[r].ky));
      const float8 y[3] = {ky * plane->ky[0], ky * plane->ky[1], ky * plane->ky[2]};
      const float8 x[3] = {broadcast8(plane->kx[0]), broadcast8(plane->kx[1]), broadcast8(plane->kx[2])};
      locate8(volume, fma(lanes, x[0], y[0]), fma(lanes, x[1], y[1]), fma(lanes, x[2], y[2]), at, points);
      locate8(volume, fma(lanes, x[0], -y[0]), fma(lanes, x[1], -y[1]), fma(lanes, x[2], -y[2]), at + 8, points);
    }
  }
}

// The four rows of voxels along x around a point: (y, z), (y + 1, z), (y, z + 1), (y + 1, z + 1).
struct VoxelRows {
  const float* row[4];
};

VITREOUS_INLINE VoxelRows voxel_rows(const SliceVolume& volume) noexcept {
  const std::int64_t step_y = 2 * static_cast<std::int64_t>(volume.size_x);
  const std::int64_t step_z = step_y * volume.size_y;
  return {{volume.voxels, volume.voxels + step_y, volume.voxels + step_z, volume.voxels + step_z + step_y}};
}

// Two points' rows of x neighbours side by side: re, im, re, im of the one, then of the other.
VITREOUS_INLINE float8 row_pair(const float* corner, std::int64_t first, std::int64_t second) noexcept {
#if defined(__AVX__)
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(corner + 2 * first)), _mm_loadu_ps(corner + 2 * second), 1);
#else
  return join(load4(corner + 2 * first), load4(corner + 2 * second));
#endif
}

template <int Lane>
VITREOUS_INLINE void interpolate_pair(const VoxelRows& rows, const float8& fy, const float8& fz, std::int32_t at,
                                      PatchPoints& points) noexcept {
  const std::int64_t first = points.voxel[at + Lane];
  const std::int64_t second = points.voxel[at + Lane + 4];
  const float8 spread_y = spread_lane<Lane>(fy);
  const float8 y0 = row_pair(rows.row[0], first, second);
  const float8 y1 = row_pair(rows.row[1], first, second);
  const float8 z0 = fma(spread_y, y1 - y0, y0);
  const float8 y2 = row_pair(rows.row[2], first, second);
  const float8 y3 = row_pair(rows.row[3], first, second);
  const float8 z1 = fma(spread_y, y3 - y2, y2);
  store8(points.pair + 4 * at + 8 * Lane, fma(spread_lane<Lane>(fz), z1 - z0, z0));
}

// The first `pair_count` pairs of eight points.
VITREOUS_INLINE void interpolate8(const VoxelRows& rows, std::int32_t pair_count, std::int32_t at, PatchPoints& points) noexcept {
  const float8 fy = load8(points.fy + at);
  const float8 fz = load8(points.fz + at);
  interpolate_pair<0>(rows, fy, fz, at, points);
  if (pair_count == 1) return;
  interpolate_pair<1>(rows, fy, fz, at, points);
  if (pair_count == 2) return;
  interpolate_pair<2>(rows, fy, fz, at, points);
  if (pair_count == 3) return;
  interpolate_pair<3>(rows, fy, fz, at, points);
}

static inline void interpolate_patch(const VoxelRows& voxels, const PatchRow* rows, std::int32_t row_count,
                                     std::int32_t rotation_count, PatchPoints& points) noexcept {
  std::int32_t at = 0;
  for (std::int32_t m = 0; m < rotation_count; ++m) {
    for (std::int32_t r = 0; r < row_count; ++r, at += 16) {
      const std::int32_t pairs = (rows[r].count + 1) / 2;
      interpolate8(voxels, pairs, at, points);
      interpolate8(voxels, pairs, at + 8, points);
    }
  }
}

// re, im of the slice at eight interpolated points.
VITREOUS_INLINE void slice8(const PatchPoints& points, std::int32_t at, float8& re, float8& im) noexcept {
  const float8 pair[4] = {load8(points.pair + 4 * at), load8(points.pair + 4 * at + 8), load8(points.pair + 4 * at + 16),
                          load8(points.pair + 4 * at + 24)};
  const float8 a = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13);
  const float8 b = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13);
  const float8 c = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15);
  const float8 d = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
  const float8 re0 = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
  const float8 im0 = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  const float8 re1 = __builtin_shufflevector(c, d, 0, 1, 8, 9, 4, 5, 12, 13);
  const float8 im1 = __builtin_shufflevector(c, d, 2, 3, 10, 11, 6, 7, 14, 15);
  const float8 signed_fx = load8(points.fx + at);
  const float8 fx = absolute(signed_fx);
  const int32x8 mate = bits(signed_fx) & static_cast<std::int32_t>(0x80000000);
  re = fma(fx, re1 - re0, re0);
  im = from_bits(bits(fma(fx, im1 - im0, im0)) ^ mate);
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
