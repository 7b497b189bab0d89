#pragma once

// Sum over the shifts of one rotation of w_t e^{+2 pi i k.t / N} on the plane of a RasterBand. Include only from simd/*.cpp.

#include <math.h>

#include <cstdint>

#include "simd/double4.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

// What merge_shifts needs of a RasterBand, as plain pointers.
struct Plane {
  std::int64_t box_px;
  std::int32_t max_kx;
  std::int32_t max_ky;
  std::int64_t row_stride;
  const std::int32_t* row_first;
  const std::int32_t* row_end;
};

// Floats of `tables` for a plane: cos and sin over kx, then over ky.
inline std::int64_t phase_table_length(const Plane& plane) noexcept {
  return 2 * (plane.row_stride + (std::int64_t{plane.max_ky} + 8) / 8 * 8);
}

// cosine[k], sine[k] of 2 pi k turns_per_step for k = 0 .. count - 1, count a multiple of 4: four interleaved recurrences
// in double precision.
inline void phase_row(double turns_per_step, std::int64_t count, float* cosine, float* sine) noexcept {
  const double radians = 6.283185307179586 * (turns_per_step - nearbyint(turns_per_step));
  const double c1 = cos(radians);
  const double s1 = sin(radians);
  const double c2 = c1 * c1 - s1 * s1;
  const double s2 = 2 * c1 * s1;
  const double c4 = c2 * c2 - s2 * s2;
  const double s4 = 2 * c2 * s2;
  double4 c = {1, c1, c2, c2 * c1 - s2 * s1};
  double4 s = {0, s1, s2, c2 * s1 + s2 * c1};
  for (std::int64_t k = 0; k < count; k += 4) {
    store4(cosine + k, __builtin_convertvector(c, float4));
    store4(sine + k, __builtin_convertvector(s, float4));
    const double4 next = c * c4 - s * s4;
    s = c * s4 + s * c4;
    c = next;
  }
}

// Returns the sum of the weights; where it is 0 the planes are left alone. Points of weight 0 are skipped.
//   weights    [shift_count]
//   shifts_px  [shift_count][2]
//   sum_re, sum_im  [2 max_ky + 1][row_stride], rows overwritten up to row_end, rounded up to 8
//   tables     [phase_table_length(plane)], scratch
inline double merge_shifts(const Plane& plane, const float* weights, const float* shifts_px, std::int64_t shift_count,
                           float* sum_re, float* sum_im, float* tables) noexcept {
  const std::int64_t ky_length = (std::int64_t{plane.max_ky} + 8) / 8 * 8;
  float* const x_cos = tables;
  float* const x_sin = x_cos + plane.row_stride;
  float* const y_cos = x_sin + plane.row_stride;
  float* const y_sin = y_cos + ky_length;
  double weight = 0;
  for (std::int64_t t = 0; t < shift_count; ++t) {
    if (weights[t] == 0) continue;
    const bool is_first = weight == 0;
    weight += static_cast<double>(weights[t]);
    phase_row(static_cast<double>(shifts_px[2 * t]) / static_cast<double>(plane.box_px), plane.row_stride, x_cos, x_sin);
    phase_row(static_cast<double>(shifts_px[2 * t + 1]) / static_cast<double>(plane.box_px), ky_length, y_cos, y_sin);
    for (std::int32_t ky = -plane.max_ky; ky <= plane.max_ky; ++ky) {
      const std::int64_t row = ky + plane.max_ky;
      const float8 c = broadcast8(weights[t] * y_cos[ky < 0 ? -ky : ky]);
      const float8 s = broadcast8(ky < 0 ? -weights[t] * y_sin[-ky] : weights[t] * y_sin[ky]);
      float* const re = sum_re + row * plane.row_stride;
      float* const im = sum_im + row * plane.row_stride;
      for (std::int64_t kx = 0; kx < plane.row_end[row]; kx += 8) {
        const float8 xc = load8(x_cos + kx);
        const float8 xs = load8(x_sin + kx);
        const float8 before_re = is_first ? broadcast8(0) : load8(re + kx);
        const float8 before_im = is_first ? broadcast8(0) : load8(im + kx);
        store8(re + kx, fma(-s, xs, fma(c, xc, before_re)));
        store8(im + kx, fma(s, xc, fma(c, xs, before_im)));
      }
    }
  }
  return weight;
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
