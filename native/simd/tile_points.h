#pragma once

// The support points of one image, ready for all its tiles: matrices, clusters of near rotations, phases of the shifts. Include
// only from simd/*.cpp.

#include <math.h>

#include "kernels/tile_insert.h"
#include "simd/double4.h"
#include "simd/slice_coordinates.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Rotations whose pixels lie within this many voxels of the leader's share a box.
constexpr double cluster_voxels = 10.0;
constexpr std::int64_t phase_floats = 8;  // cos and sin of four columns, or rows, of a tile

// Points with a weight, clusters one after another. In the arrays of doubles a cluster begins at a multiple of four and its
// last point is repeated up to the next.
struct Points {
  std::int64_t count;
  std::int64_t cluster_count;
  std::int64_t stride;          // of the arrays of doubles
  std::int32_t* cluster_first;  // [cluster_count + 1]
  std::int32_t* order;          // which of the image's points
  std::int32_t* shift_count;    // those with a weight
  double* found;                // [6] of each of the image's points
  double* total;                // its weight; < 0: taken
  double* matrix;               // [6][stride]: columns kx, ky of padding R; rows x, y, z
  double* low;                  // [3][stride] least coordinate of a tile's pixels, from its first
  double* high;
  double* base;                 // [3][stride] scratch of a tile
  float* slope;                 // [count][8]: the matrix, the weight, 0
  float* start;                 // [3][stride] scratch of a tile
  float* phase_x;               // [column_count][count][shifts_per_rotation][8]
  float* phase_y;               // [row_count][count][shifts_per_rotation][8]: times the weight of the shift
};

inline bool take_matrices(const TilePlan& plan, const TileImage& image, Points& points) noexcept {
  points.count = 0;
  for (std::int64_t p = 0; p < image.point_count; ++p) {
    const float* const weights = image.weights + p * plan.shifts_per_rotation;
    double total = 0;
    bool is_used = false;
    for (std::int64_t t = 0; t < plan.shifts_per_rotation; ++t) {
      total += static_cast<double>(weights[t]);
      is_used = is_used || weights[t] != 0;
    }
    if (!is_used) continue;
    if (!(total >= 0) || !slice_matrix(image.rotations + 4 * p, plan.padding_factor, points.found + 6 * points.count)) return false;
    points.total[points.count] = total;
    points.order[points.count] = static_cast<std::int32_t>(p);
    points.count += 1;
  }
  return true;
}

// Largest distance of a pixel's place under one rotation from that under another.
inline double distance(const double* a, const double* b, double reach) noexcept {
  double square = 0;
  for (int i = 0; i < 6; ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(square) * reach;
}

inline void set_point(const Points& points, std::int64_t place, const double* matrix) noexcept {
  constexpr double last = tile_side - 1;
  for (int axis = 0; axis < 3; ++axis) {
    const double a = last * matrix[2 * axis];
    const double b = last * matrix[2 * axis + 1];
    points.matrix[2 * axis * points.stride + place] = matrix[2 * axis];
    points.matrix[(2 * axis + 1) * points.stride + place] = matrix[2 * axis + 1];
    points.low[axis * points.stride + place] = (a < 0 ? a : 0) + (b < 0 ? b : 0);
    points.high[axis * points.stride + place] = (a > 0 ? a : 0) + (b > 0 ? b : 0);
  }
}

// The heaviest point left leads the next cluster. Clusters of fewer than least_cluster points are not kept where `is_loose` takes
// them. `taken` is scratch for [count] integers.
inline void make_clusters(const TilePlan& plan, Points& points, std::int32_t* taken, std::int32_t* is_loose) noexcept {
  const std::int64_t found = points.count;
  std::int64_t next = 0;
  std::int64_t place = 0;
  points.cluster_count = 0;
  for (std::int64_t left = found; left > 0;) {
    std::int64_t leader = -1;
    for (std::int64_t p = 0; p < found; ++p) {
      if (points.total[p] >= 0 && (leader < 0 || points.total[p] > points.total[leader])) leader = p;
    }
    const double* const middle = points.found + 6 * leader;
    const std::int64_t first = next;
    for (std::int64_t p = 0; p < found; ++p) {
      if (points.total[p] < 0) continue;
      if (p == leader || distance(points.found + 6 * p, middle, plan.reach) <= cluster_voxels) taken[next++] = static_cast<std::int32_t>(p);
    }
    left -= next - first;
    const bool is_kept = !is_loose || next - first >= least_cluster;
    for (std::int64_t i = first; i < next; ++i) {
      const std::int64_t p = taken[i];
      const double* const matrix = points.found + 6 * p;
      if (is_kept) {
        set_point(points, place++, matrix);
        for (int k = 0; k < 6; ++k) points.slope[8 * i + k] = static_cast<float>(matrix[k]);
        points.slope[8 * i + 6] = static_cast<float>(points.total[p]);
        points.slope[8 * i + 7] = 0;
      } else {
        is_loose[points.order[p]] = 1;
      }
      // -1 for a total of 0 as well.
      points.total[p] = -1 - points.total[p];
    }
    if (!is_kept) {
      next = first;
      continue;
    }
    points.cluster_first[points.cluster_count++] = static_cast<std::int32_t>(first);
    const double* const last = points.found + 6 * taken[next - 1];
    while (place % 4 != 0) set_point(points, place++, last);
  }
  points.count = next;
  points.cluster_first[points.cluster_count] = static_cast<std::int32_t>(next);
  for (std::int64_t i = 0; i < next; ++i) taken[i] = points.order[taken[i]];
  for (std::int64_t i = 0; i < next; ++i) points.order[i] = taken[i];
}

// weight e^{2 pi i k u} for k = first, first + 1, ... in blocks of four, `stride` floats from one to the next: a recurrence
// in double precision.
inline void phase_blocks(double turns, std::int32_t first, double weight, std::int32_t block_count, float* out,
                         std::int64_t stride) noexcept {
  constexpr double full_turn = 6.283185307179586;
  const double step = full_turn * (turns - nearbyint(turns));
  const double begin = full_turn * (turns * first - nearbyint(turns * first));
  const double c1 = cos(step), s1 = sin(step);
  const double c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1;
  const double c4 = c2 * c2 - s2 * s2, s4 = 2 * c2 * s2;
  const double4 c0123 = {1, c1, c2, c2 * c1 - s2 * s1};
  const double4 s0123 = {0, s1, s2, c2 * s1 + s2 * c1};
  const double begin_c = first == 0 ? weight : weight * cos(begin);
  const double begin_s = first == 0 ? 0 : weight * sin(begin);
  double4 c = c0123 * begin_c - s0123 * begin_s;
  double4 s = c0123 * begin_s + s0123 * begin_c;
  for (std::int32_t block = 0; block < block_count; ++block) {
    store4(out + block * stride, __builtin_convertvector(c, float4));
    store4(out + block * stride + 4, __builtin_convertvector(s, float4));
    const double4 next = c * c4 - s * s4;
    s = c * s4 + s * c4;
    c = next;
  }
}

inline void make_phases(const TilePlan& plan, const TileImage& image, Points& points) noexcept {
  const std::int64_t shifts = plan.shifts_per_rotation;
  const std::int64_t stride = points.count * shifts * phase_floats;
  for (std::int64_t i = 0; i < points.count; ++i) {
    const float* const weights = image.weights + points.order[i] * shifts;
    const float* const shifts_px = image.shifts_px + 2 * points.order[i] * shifts;
    std::int32_t used = 0;
    for (std::int64_t t = 0; t < shifts; ++t) {
      if (weights[t] == 0) continue;
      const std::int64_t place = (i * shifts + used++) * phase_floats;
      const auto box = static_cast<double>(plan.box_px);
      phase_blocks(static_cast<double>(shifts_px[2 * t]) / box, 0, 1, plan.column_count, points.phase_x + place, stride);
      phase_blocks(static_cast<double>(shifts_px[2 * t + 1]) / box, plan.first_ky, static_cast<double>(weights[t]),
                   plan.row_count, points.phase_y + place, stride);
    }
    points.shift_count[i] = used;
  }
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
