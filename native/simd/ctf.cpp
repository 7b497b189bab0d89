#include "simd/ctf.h"

namespace vitreous::VITREOUS_SIMD_NS {

void ctf_row(const CtfPhase& phase, const std::int32_t* __restrict kx, const std::int32_t* __restrict ky, std::int64_t count,
             float* __restrict out) noexcept {
  // Adding and subtracting 1.5 * 2^52 rounds a double to the nearest whole number on every instruction set.
  constexpr double rounder = 6755399441055744.0;
  constexpr double two_pi = 6.283185307179586;
  const double xx = phase.xx;
  const double xy = phase.xy;
  const double yy = phase.yy;
  const double quartic = phase.quartic;
  const double offset = phase.offset;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const auto x = static_cast<double>(kx[i]);
    const auto y = static_cast<double>(ky[i]);
    const double square = x * x + y * y;
    const double turns = xx * x * x + xy * x * y + yy * y * y + quartic * square * square + offset;
    const double t = turns - ((turns + rounder) - rounder);  // -1/2 ... 1/2
    // sin(pi - a) = sin(a): the polynomial sees a quarter turn at most
    const double folded = 0.25 - __builtin_fabs(__builtin_fabs(t) - 0.25);
    const double a = two_pi * __builtin_copysign(folded, t);
    const double a2 = a * a;
    // Taylor series of sine; the first term left out is below 7e-10 at pi/2.
    double sum = 1.0 / 6227020800.0;
    sum = sum * a2 - 1.0 / 39916800.0;
    sum = sum * a2 + 1.0 / 362880.0;
    sum = sum * a2 - 1.0 / 5040.0;
    sum = sum * a2 + 1.0 / 120.0;
    sum = sum * a2 - 1.0 / 6.0;
    sum = sum * a2 + 1.0;
    out[i] = static_cast<float>(-(sum * a));
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
