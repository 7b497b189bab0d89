#pragma once

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

VITREOUS_INLINE float fraction_of(double turns) noexcept { return static_cast<float>(turns - __builtin_nearbyint(turns)); }

// table[k] and table[count + k] = cos and sin of 2 pi k u for k = 0 .. count - 1 along both axes, u turns per step; the
// counts are multiples of 8. Eight by eight, each eight the ones before turned by 8 u.
static inline void phase_tables(double turns_x, std::int64_t count_x, float* table_x, double turns_y,
                                std::int64_t count_y, float* table_y) noexcept {
  const float one_x = fraction_of(turns_x);
  const float one_y = fraction_of(turns_y);
  float8 step_cosine, step_sine;
  turn(float8{fraction_of(8 * turns_x), fraction_of(8 * turns_y), 0, 0, 0, 0, 0, 0}, step_cosine, step_sine);
  for (int axis = 0; axis < 2; ++axis) {
    float* cosines = axis == 0 ? table_x : table_y;
    const std::int64_t count = axis == 0 ? count_x : count_y;
    const float8 step_c = broadcast8(step_cosine[axis]);
    const float8 step_s = broadcast8(step_sine[axis]);
    float8 c, s;
    turn(lane_numbers() * (axis == 0 ? one_x : one_y), c, s);
    store8(cosines, c);
    store8(cosines + count, s);
    for (std::int64_t k = 8; k < count; k += 8) {
      const float8 next = fma(c, step_c, -(s * step_s));
      s = fma(s, step_c, c * step_s);
      c = next;
      store8(cosines + k, c);
      store8(cosines + count + k, s);
    }
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
