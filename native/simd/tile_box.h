#pragma once

// A small box of float voxels, and how it is rounded into the accumulator. Include only from simd/*.cpp.

#include <immintrin.h>

#include "kernels/tile_insert.h"
#include "simd/double4.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr float sum_limit = 2251799813685248.0f;  // 2^51: more cannot be rounded by `nearest`

// Voxels [size z][size y][size x][4]: Re, Im, weight and a number without meaning. Axes in the order x, y, z.
struct TileBox {
  std::int64_t origin[3];
  std::int64_t size[3];
  float* values;
};

VITREOUS_INLINE float4 absolute4(float4 v) noexcept {
  return reinterpret_cast<float4>(reinterpret_cast<int4>(v) & 0x7fffffff);
}

// Two neighbouring voxels of the box with something in them, or one.
struct FilledPair {
  std::int64_t to;    // in the accumulator; its complement where it is one voxel
  std::int64_t from;  // in the box
};

// Rounds two voxels, or one, into the accumulator and empties them. Lanes of `outside` become -1 where a sum cannot enter.
VITREOUS_INLINE void add_pair(const FilledPair& pair, float* values, std::int64_t* accumulator, int4& outside) noexcept {
  float* const from = values + pair.from;
  const float4 nothing = broadcast4(0);
  const float4 a = load4(from);
  store4(from, nothing);
  if (pair.to < 0) {
    const float4 three = __builtin_shufflevector(a, a, 0, 1, 2, 2);
    outside |= ~(absolute4(three) < sum_limit);
    const long4 rounded = nearest(__builtin_convertvector(three, double4));
    for (int part = 0; part < 3; ++part) accumulator[~pair.to + part] += rounded[part];
    return;
  }
  const float4 b = load4(from + 4);
  store4(from + 4, nothing);
  const float4 left = __builtin_shufflevector(a, b, 0, 1, 2, 4);
  const float4 right = __builtin_shufflevector(b, b, 1, 2, 1, 2);
  // A NaN fails each comparison.
  outside |= ~((absolute4(left) < sum_limit) & (absolute4(right) < sum_limit));
  const long4 rounded = nearest(__builtin_convertvector(right, double4));
  long4_unaligned* const four = reinterpret_cast<long4_unaligned*>(accumulator + pair.to);
  long2_unaligned* const two = reinterpret_cast<long2_unaligned*>(accumulator + pair.to + 4);
  *four = *four + nearest(__builtin_convertvector(left, double4));
  *two = *two + __builtin_shufflevector(rounded, rounded, 0, 1);
}

// Whether Re, Im or the weight of a voxel is neither 0 nor -0; true of a NaN.
VITREOUS_INLINE int filled(float4 a) noexcept { return _mm_movemask_ps(reinterpret_cast<float4>(a != 0.0f)) & 7; }

// Lists what is filled of a run of voxels; without a branch, because nothing foretells it.
VITREOUS_INLINE std::int64_t list_run(const float* values, std::int64_t from, std::int64_t to, std::int64_t count,
                                      FilledPair* pairs, std::int64_t n) noexcept {
  std::int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    pairs[n] = {to + 3 * i, from + 4 * i};
    n += (filled(load4(values + from + 4 * i)) | filled(load4(values + from + 4 * i + 4))) != 0;
  }
  if (i == count) return n;
  pairs[n] = {~(to + 3 * i), from + 4 * i};
  return n + (filled(load4(values + from + 4 * i)) != 0);
}

VITREOUS_INLINE void lock_plane(const TilePlan& plan, std::int64_t plane) noexcept {
  if (plan.locks) omp_set_lock(plan.locks + plane);
}
VITREOUS_INLINE void unlock_plane(const TilePlan& plan, std::int64_t plane) noexcept {
  if (plan.locks) omp_unset_lock(plan.locks + plane);
}

// Half of the plane x = 0 stands for the other: its mate takes what falls on z < 0, or z = 0 and y < 0.
VITREOUS_INLINE bool has_column(std::int64_t y, std::int64_t z) noexcept { return z > 0 || (z == 0 && y >= 0); }

// How the box lies along the accumulator's axes.
struct BoxAxes {
  int slow;
  int mid;
  std::int64_t slow_step;  // floats of the box
  std::int64_t mid_step;
};

VITREOUS_INLINE BoxAxes axes_of(const TilePlan& plan, const TileBox& box) noexcept {
  const std::int64_t row = 4 * box.size[0];
  const std::int64_t plane = row * box.size[1];
  return plan.is_transposed ? BoxAxes{1, 2, row, plane} : BoxAxes{2, 1, plane, row};
}

// Voxels with x < 0, and half of those with x = 0, to their mates, conjugated.
inline void add_mates(const TilePlan& plan, const TileBox& box, int4& outside) noexcept {
  const BoxAxes axes = axes_of(plan, box);
  const std::int64_t edge = plan.radius + 1;
  const std::int64_t side = 2 * edge + 1;
  for (std::int64_t s = 0; s < box.size[axes.slow]; ++s) {
    const std::int64_t slow = box.origin[axes.slow] + s;
    const std::int64_t plane = edge - slow - plan.first_plane;
    if (plane < 0 || plane >= plan.plane_count) continue;
    lock_plane(plan, plane);
    for (std::int64_t m = 0; m < box.size[axes.mid]; ++m) {
      const std::int64_t mid = box.origin[axes.mid] + m;
      if (mid < -edge || mid > edge) continue;
      const bool has = plan.is_transposed ? has_column(slow, mid) : has_column(mid, slow);
      const std::int64_t last = -box.origin[0] - (has ? 1 : 0);
      std::int64_t* const to = plan.accumulator + 3 * (plane * side + edge - mid) * (plan.radius + 2);
      for (std::int64_t i = 0; i <= last && i < box.size[0]; ++i) {
        const std::int64_t x = -box.origin[0] - i;
        if (x > edge) continue;
        float* const voxel = box.values + s * axes.slow_step + m * axes.mid_step + 4 * i;
        const float4 sums = load4(voxel);
        const float4 mate = {sums[0], -sums[1], sums[2], 0};
        store4(voxel, broadcast4(0));
        outside |= ~(absolute4(mate) < sum_limit);
        const long4 rounded = nearest(__builtin_convertvector(mate, double4));
        for (int part = 0; part < 3; ++part) to[3 * x + part] += rounded[part];
      }
    }
    unlock_plane(plan, plane);
  }
}

// The origin is its own mate: of its sum only the real part has a meaning.
inline void clear_imaginary_origin(const TileBox& box) noexcept {
  std::int64_t place = 0;
  for (int axis = 2; axis >= 0; --axis) {
    const std::int64_t at = -box.origin[axis];
    if (at < 0 || at >= box.size[axis]) return;
    place = place * box.size[axis] + at;
  }
  box.values[4 * place + 1] = 0;
}

constexpr std::int64_t prefetch_distance = 24;

struct BoxScratch {
  FilledPair* pairs;        // half as many as the box has voxels, and prefetch_distance and one a row more
  std::int64_t* plane_end;  // [size along the accumulator's slowest axis]
};

// Rounds the box into the planes that are held and empties it, but for what lies outside of them. False where a sum is not
// finite or 2^51 or more.
inline bool add_box(const TilePlan& plan, const TileBox& box, const BoxScratch& scratch) noexcept {
  FilledPair* const pairs = scratch.pairs;
  const BoxAxes axes = axes_of(plan, box);
  const std::int64_t edge = plan.radius + 1;
  const std::int64_t side = 2 * edge + 1;
  clear_imaginary_origin(box);
  std::int64_t n = 0;
  for (std::int64_t s = 0; s < box.size[axes.slow]; ++s) {
    const std::int64_t slow = box.origin[axes.slow] + s;
    const std::int64_t plane = slow + edge - plan.first_plane;
    const bool is_held = plane >= 0 && plane < plan.plane_count;
    for (std::int64_t m = 0; is_held && m < box.size[axes.mid]; ++m) {
      const std::int64_t mid = box.origin[axes.mid] + m;
      if (mid < -edge || mid > edge) continue;
      const bool has = plan.is_transposed ? has_column(slow, mid) : has_column(mid, slow);
      const std::int64_t least = has ? 0 : 1;
      const std::int64_t first = box.origin[0] < least ? least - box.origin[0] : 0;
      const std::int64_t room = edge + 1 - box.origin[0];
      const std::int64_t end = box.size[0] < room ? box.size[0] : room;
      const std::int64_t to = 3 * ((plane * side + mid + edge) * (plan.radius + 2) + box.origin[0] + first);
      n = list_run(box.values, s * axes.slow_step + m * axes.mid_step + 4 * first, to, end - first, pairs, n);
    }
    scratch.plane_end[s] = n;
  }
  for (std::int64_t i = n; i < n + prefetch_distance; ++i) pairs[i] = pairs[n > 0 ? n - 1 : i];
  int4 outside = {0, 0, 0, 0};
  std::int64_t next = 0;
  for (std::int64_t s = 0; s < box.size[axes.slow]; ++s) {
    if (next == scratch.plane_end[s]) continue;
    const std::int64_t plane = box.origin[axes.slow] + s + edge - plan.first_plane;
    lock_plane(plan, plane);
    for (; next < scratch.plane_end[s]; ++next) {
      const std::int64_t ahead = pairs[next + prefetch_distance].to;
      __builtin_prefetch(plan.accumulator + (ahead < 0 ? ~ahead : ahead), 1);
      add_pair(pairs[next], box.values, plan.accumulator, outside);
    }
    unlock_plane(plan, plane);
  }
  if (box.origin[0] <= 0) add_mates(plan, box, outside);
  return (outside[0] | outside[1] | outside[2] | outside[3]) == 0;
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
