#pragma once

// The pixels of one tile under all rotations of a cluster, added up in a small box of floats. Include only from simd/*.cpp.

#include "simd/tile_box.h"
#include "simd/tile_points.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// Kept clear on each side, so that single precision cannot leave the box.
constexpr double box_margin = 1.0 / 1024;

// Voxels along an axis that the box of a tile can need.
inline std::int64_t box_side(double padding_factor) noexcept {
  return static_cast<std::int64_t>(padding_factor * (tile_side - 1) * 1.4143 + 2 * cluster_voxels) + 5;
}

// The box of a tile under a cluster, and where the points' first pixels lie in it (points.start). The whole box is that of the
// mates where the heaviest rotation puts the tile's middle at x < 0: `sign` is then -1.
inline float place_box(const TilePlan& plan, const Points& points, std::int64_t cluster, std::int64_t first_place,
                       std::int32_t tile, TileBox& box) noexcept {
  const std::int64_t count = points.cluster_first[cluster + 1] - points.cluster_first[cluster];
  const double kx = tile_side * plan.column[tile];
  const double ky = tile_side * plan.row[tile] + plan.first_ky;
  constexpr double middle = 0.5 * (tile_side - 1);
  const double x = points.matrix[first_place] * (kx + middle) + points.matrix[points.stride + first_place] * (ky + middle);
  const double sign = x < 0 ? -1 : 1;
  for (int axis = 0; axis < 3; ++axis) {
    const double* const a = points.matrix + 2 * axis * points.stride + first_place;
    const double* const b = a + points.stride;
    const double* const low = points.low + axis * points.stride + first_place;
    const double* const high = points.high + axis * points.stride + first_place;
    double* const base = points.base + axis * points.stride + first_place;
    double4 least = broadcast(1e300);
    double4 most = broadcast(-1e300);
    for (std::int64_t i = 0; i < count; i += 4) {
      const double4 place = fma(load4(a + i), broadcast(kx), load4(b + i) * ky);
      store4(base + i, place);
      const double4 lowest = place + load4(low + i);
      const double4 highest = place + load4(high + i);
      least = lowest < least ? lowest : least;
      most = highest > most ? highest : most;
    }
    double from = least[0];
    double to = most[0];
    for (int lane = 1; lane < 4; ++lane) {
      from = least[lane] < from ? least[lane] : from;
      to = most[lane] > to ? most[lane] : to;
    }
    const double lower = ::floor((sign < 0 ? -to : from) - box_margin);
    const double upper = ::floor((sign < 0 ? -from : to) + box_margin);
    box.origin[axis] = static_cast<std::int64_t>(lower);
    box.size[axis] = static_cast<std::int64_t>(upper - lower) + 2;
    float* const start = points.start + axis * points.stride + first_place;
    for (std::int64_t i = 0; i < count; i += 4) {
      store4(start + i, __builtin_convertvector(load4(base + i) * sign - lower, float4));
    }
  }
  return static_cast<float>(sign);
}

VITREOUS_INLINE float8 low_pairs(float8 a, float8 b) noexcept {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
VITREOUS_INLINE float8 high_pairs(float8 a, float8 b) noexcept {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}

// Four planes of eight numbers to eight groups of four: group i and group i + 4 in out[i].
VITREOUS_INLINE void transpose(float8 a, float8 b, float8 c, float8 d, float8* out) noexcept {
  const float8 ab = low_pairs(a, b);
  const float8 cd = low_pairs(c, d);
  const float8 ab2 = high_pairs(a, b);
  const float8 cd2 = high_pairs(c, d);
  out[0] = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13);
  out[1] = __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
  out[2] = __builtin_shufflevector(ab2, cd2, 0, 1, 8, 9, 4, 5, 12, 13);
  out[3] = __builtin_shufflevector(ab2, cd2, 2, 3, 10, 11, 6, 7, 14, 15);
}

template <int Lane>
VITREOUS_INLINE float4 all_of(float4 v) noexcept {
  return __builtin_shufflevector(v, v, Lane, Lane, Lane, Lane);
}

VITREOUS_INLINE void add_at(float* voxel, float4 value, float4 weight) noexcept {
  store4(voxel, fma(value, weight, load4(voxel)));
}

// Floats from a voxel to its neighbours along y, along z and along both.
struct BoxSteps {
  std::int64_t row;
  std::int64_t plane;
  std::int64_t both;
};

// One pixel: (Re, Im, weight, fraction along x) on eight voxels; `weights` are those of (y, z), (y + 1, z), (y, z + 1),
// (y + 1, z + 1).
VITREOUS_INLINE void spread(float* voxel, const BoxSteps& steps, float4 value, float4 weights) noexcept {
  const float4 right = value * all_of<3>(value);
  const float4 left = value - right;
  const float4 w00 = all_of<0>(weights);
  const float4 w10 = all_of<1>(weights);
  const float4 w01 = all_of<2>(weights);
  const float4 w11 = all_of<3>(weights);
  add_at(voxel, left, w00);
  add_at(voxel + 4, right, w00);
  add_at(voxel + steps.row, left, w10);
  add_at(voxel + steps.row + 4, right, w10);
  add_at(voxel + steps.plane, left, w01);
  add_at(voxel + steps.plane + 4, right, w01);
  add_at(voxel + steps.both, left, w11);
  add_at(voxel + steps.both + 4, right, w11);
}

// Eight pixels. Written out: a loop would keep the vectors in memory.
template <bool is_full>
VITREOUS_INLINE void spread8(float* values, const std::int32_t* voxel, const BoxSteps& steps, const float8* value,
                             const float8* weight, std::uint32_t used) noexcept {
  if (is_full || (used & 1)) spread(values + voxel[0], steps, low(value[0]), low(weight[0]));
  if (is_full || (used & 2)) spread(values + voxel[1], steps, low(value[1]), low(weight[1]));
  if (is_full || (used & 4)) spread(values + voxel[2], steps, low(value[2]), low(weight[2]));
  if (is_full || (used & 8)) spread(values + voxel[3], steps, low(value[3]), low(weight[3]));
  if (is_full || (used & 16)) spread(values + voxel[4], steps, high(value[0]), high(weight[0]));
  if (is_full || (used & 32)) spread(values + voxel[5], steps, high(value[1]), high(weight[1]));
  if (is_full || (used & 64)) spread(values + voxel[6], steps, high(value[2]), high(weight[2]));
  if (is_full || (used & 128)) spread(values + voxel[7], steps, high(value[3]), high(weight[3]));
}

// Four rows of a tile: sum over shifts of weight e^{i phase}, cos in the low half and sin in the high one.
VITREOUS_INLINE void merge_phases(const float* phase_x, const float* phase_y, std::int32_t count, float8* rows) noexcept {
  const int32x8 turned_sign = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, 0, 0, 0, 0};
  for (int row = 0; row < tile_side; ++row) rows[row] = broadcast8(0);
  for (std::int32_t t = 0; t < count; ++t) {
    const float8 x = load8(phase_x + phase_floats * t);
    const float8 turned = from_bits(bits(__builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3)) ^ turned_sign);
    const float* const y = phase_y + phase_floats * t;
    for (int row = 0; row < tile_side; ++row) {
      rows[row] = fma(broadcast8(y[row]), x, fma(broadcast8(y[4 + row]), turned, rows[row]));
    }
  }
}

// A tile in a box, as the rotations of one cluster put it there.
struct TilePlace {
  const float* planes;   // Re, Im, weight of its pixels
  const float* phase_x;  // of the cluster's points, one after another
  const float* phase_y;
  std::int64_t first;    // of the points
  std::int64_t end;
  std::int64_t first_place;
  float sign;
  std::uint32_t used;    // bit j: whether pixel j is one
};

// Eight pixels under one rotation: values, and where they lie in the box.
struct Pixels8 {
  float8 re, im, weight;
  float8 x0, y0, z0;  // lower neighbour
  float8 fx, fy, fz;
};

VITREOUS_INLINE Pixels8 turn_pixels(const Points& points, const TilePlace& tile, std::int64_t place, const float* slope,
                                    const float8* phases, int half) noexcept {
  const float8 re = load8(tile.planes + 8 * half);
  const float8 im = load8(tile.planes + tile_pixels + 8 * half);
  const float8 c = join(low(phases[2 * half]), low(phases[2 * half + 1]));
  const float8 s = join(high(phases[2 * half]), high(phases[2 * half + 1]));
  Pixels8 out;
  out.re = fma(re, c, -(im * s));
  out.im = fma(re, s, im * c) * tile.sign;
  out.weight = load8(tile.planes + 2 * tile_pixels + 8 * half) * slope[6];
  const float8 kx = float8{0, 1, 2, 3, 0, 1, 2, 3} * tile.sign;
  const float8 ky = (float8{0, 0, 0, 0, 1, 1, 1, 1} + 2.0f * static_cast<float>(half)) * tile.sign;
  const float* const start = points.start + place;
  const float8 x = fma(kx, broadcast8(slope[0]), fma(ky, broadcast8(slope[1]), broadcast8(start[0])));
  const float8 y = fma(kx, broadcast8(slope[2]), fma(ky, broadcast8(slope[3]), broadcast8(start[points.stride])));
  const float8 z = fma(kx, broadcast8(slope[4]), fma(ky, broadcast8(slope[5]), broadcast8(start[2 * points.stride])));
  out.x0 = truncated(x);
  out.y0 = truncated(y);
  out.z0 = truncated(z);
  out.fx = x - out.x0;
  out.fy = y - out.y0;
  out.fz = z - out.z0;
  return out;
}

// Adds a tile under each rotation of a cluster to the box. is_full: all pixels are used.
template <bool is_full>
void add_tile(const TilePlan& plan, const Points& points, const TilePlace& tile, const TileBox& box) noexcept {
  const float8 size_x = broadcast8(static_cast<float>(box.size[0]));
  const float8 size_y = broadcast8(static_cast<float>(box.size[1]));
  const std::int64_t row = 4 * box.size[0];
  const BoxSteps steps = {row, row * box.size[1], row * box.size[1] + row};
  const std::int64_t per_point = plan.shifts_per_rotation * phase_floats;
  float* const values = box.values;
  for (std::int64_t i = tile.first; i < tile.end; ++i) {
    float8 phases[tile_side];
    merge_phases(tile.phase_x + i * per_point, tile.phase_y + i * per_point, points.shift_count[i], phases);
    for (int half = 0; half < 2; ++half) {
      const Pixels8 p = turn_pixels(points, tile, tile.first_place + i - tile.first, points.slope + 8 * i, phases, half);
      alignas(32) std::int32_t voxel[8];
      store8(voxel, to_int(fma(fma(p.z0, size_y, p.y0), size_x, p.x0)) << 2);
      const float8 w11 = p.fy * p.fz;
      const float8 w01 = p.fz - w11;
      const float8 w10 = p.fy - w11;
      const float8 w00 = (1.0f - p.fz) - w10;
      float8 value[4];
      float8 weight[4];
      transpose(p.re, p.im, p.weight, p.fx, value);
      transpose(w00, w10, w01, w11, weight);
      spread8<is_full>(values, voxel, steps, value, weight, tile.used >> (8 * half));
    }
  }
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
