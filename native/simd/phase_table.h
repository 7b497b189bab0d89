#pragma once

#include "kernels/slice_patches.h"
#include "simd/float8.h"

namespace vitreous::VITREOUS_SIMD_NS {

// cos and sin of 2 pi u, |u| <= 1/4: Taylor polynomials in (2 pi u)^2, error below 1e-7.
VITREOUS_INLINE void quarter_turn(const float8& turns, float8& cosine, float8& sine) noexcept {
  const float8 a = turns * 6.28318530717958648f;
  const float8 a2 = a * a;
  float8 c = broadcast8(2.0876757e-9f);
  c = fma(c, a2, broadcast8(-2.7557319e-7f));
  c = fma(c, a2, broadcast8(2.4801587e-5f));
  c = fma(c, a2, broadcast8(-1.3888889e-3f));
  c = fma(c, a2, broadcast8(4.1666667e-2f));
  c = fma(c, a2, broadcast8(-0.5f));
  cosine = fma(c, a2, broadcast8(1.0f));
  float8 s = broadcast8(-2.5052108e-8f);
  s = fma(s, a2, broadcast8(2.7557319e-6f));
  s = fma(s, a2, broadcast8(-1.9841270e-4f));
  s = fma(s, a2, broadcast8(8.3333333e-3f));
  s = fma(s, a2, broadcast8(-1.6666667e-1f));
  sine = fma(s * a2, a, a);
}

// cos and sin of 2 pi u for any |u| < 2^20.
VITREOUS_INLINE void turn(const float8& turns, float8& cosine, float8& sine) noexcept {
  // Adding and taking away 1.5 * 2^23 rounds to the nearest integer: here of half turns, whose parity is the sign.
  const float8 magic = broadcast8(12582912.0f);
  const float8 shifted = turns * 2.0f + magic;
  const int32x8 sign = bits(shifted) << 31;
  quarter_turn(turns - (shifted - magic) * 0.5f, cosine, sine);
  cosine = from_bits(bits(cosine) ^ sign);
  sine = from_bits(bits(sine) ^ sign);
}

// (c + i s) (step_c + i step_s).
VITREOUS_INLINE void turn_on(float8& c, float8& s, const float8& step_c, const float8& step_s) noexcept {
  const float8 next = fma(c, step_c, -(s * step_s));
  s = fma(s, step_c, c * step_s);
  c = next;
}

VITREOUS_INLINE float fraction_of(double turns) noexcept { return static_cast<float>(turns - __builtin_nearbyint(turns)); }

// cos and sin of 2 pi k u, u turns per step, along both axes for k = 0 .. count - 1, the counts multiples of 8. table_x: for each
// eight k eight cosines, then eight sines, in the order of a patch's lanes; table_y: cosine and sine by turns. Eight by eight,
// each eight the ones before turned by 8 u.
static inline void phase_tables(double turns_x, std::int64_t count_x, float* table_x, double turns_y,
                                std::int64_t count_y, float* table_y) noexcept {
  constexpr const std::int32_t* lane = patch_lane_kx;
  const float8 lanes_x = __builtin_convertvector(int32x8{lane[0], lane[1], lane[2], lane[3], lane[4], lane[5], lane[6], lane[7]}, float8);
  float8 step_cosine, step_sine, c, s;
  turn(float8{fraction_of(8 * turns_x), fraction_of(8 * turns_y), 0, 0, 0, 0, 0, 0}, step_cosine, step_sine);
  turn(lanes_x * fraction_of(turns_x), c, s);
  for (std::int64_t k = 0; k < count_x; k += 8, table_x += 16) {
    store8(table_x, c);
    store8(table_x + 8, s);
    turn_on(c, s, broadcast8(step_cosine[0]), broadcast8(step_sine[0]));
  }
  turn(lane_numbers() * fraction_of(turns_y), c, s);
  for (std::int64_t k = 0; k < count_y; k += 8, table_y += 16) {
    store8(table_y, __builtin_shufflevector(c, s, 0, 8, 1, 9, 2, 10, 3, 11));
    store8(table_y + 8, __builtin_shufflevector(c, s, 4, 12, 5, 13, 6, 14, 7, 15));
    turn_on(c, s, broadcast8(step_cosine[1]), broadcast8(step_sine[1]));
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
