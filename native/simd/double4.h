#pragma once

// Four doubles as one value, the same four on every instruction set, and their conversion to integers. Include only from
// simd/*.cpp.

#include "simd/float8.h"

namespace vitreous::VITREOUS_SIMD_NS {

using int4 = std::int32_t __attribute__((vector_size(16)));
using double2 = double __attribute__((vector_size(16)));
using double4 = double __attribute__((vector_size(32)));
using long2 = std::int64_t __attribute__((vector_size(16)));
using long4 = std::int64_t __attribute__((vector_size(32)));
using double4_unaligned = double __attribute__((vector_size(32), aligned(8), may_alias));
using int4_unaligned = std::int32_t __attribute__((vector_size(16), aligned(4), may_alias));
using long2_unaligned = std::int64_t __attribute__((vector_size(16), aligned(8), may_alias));
using long4_unaligned = std::int64_t __attribute__((vector_size(32), aligned(8), may_alias));

// A double below 2^51 plus this (2^52 + 2^51) has its nearest integer, ties to even, in the low bits.
constexpr double rounder = 6755399441055744.0;
constexpr std::int64_t rounder_bits = 0x4338000000000000;

VITREOUS_INLINE double4 broadcast(double x) noexcept { return double4{x, x, x, x}; }
VITREOUS_INLINE double2 broadcast2(double x) noexcept { return double2{x, x}; }
VITREOUS_INLINE double4 load4(const double* p) noexcept { return *reinterpret_cast<const double4_unaligned*>(p); }
VITREOUS_INLINE void store4(double* p, double4 v) noexcept { *reinterpret_cast<double4_unaligned*>(p) = v; }
VITREOUS_INLINE void store4(std::int64_t* p, long4 v) noexcept { *reinterpret_cast<long4_unaligned*>(p) = v; }
VITREOUS_INLINE void store4(std::int32_t* p, int4 v) noexcept { *reinterpret_cast<int4_unaligned*>(p) = v; }
VITREOUS_INLINE long4 bits(double4 v) noexcept { return reinterpret_cast<long4>(v); }
VITREOUS_INLINE double4 from_bits(long4 v) noexcept { return reinterpret_cast<double4>(v); }

// a b + c: one rounding where the instruction set has it.
#if defined(__FMA__)
VITREOUS_INLINE double2 fma(double2 a, double2 b, double2 c) noexcept { return _mm_fmadd_pd(a, b, c); }
VITREOUS_INLINE double4 fma(double4 a, double4 b, double4 c) noexcept { return _mm256_fmadd_pd(a, b, c); }
#else
VITREOUS_INLINE double2 fma(double2 a, double2 b, double2 c) noexcept { return a * b + c; }
VITREOUS_INLINE double4 fma(double4 a, double4 b, double4 c) noexcept { return a * b + c; }
#endif

// Nearest integer of |v| < 2^51.
VITREOUS_INLINE long4 nearest(double4 v) noexcept { return bits(v + rounder) - rounder_bits; }

// Largest whole number <= v, |v| < 2^51.
VITREOUS_INLINE double4 floor(double4 v) noexcept {
  const double4 rounded = (v + rounder) - rounder;
  return rounded > v ? rounded - 1.0 : rounded;
}

}  // namespace vitreous::VITREOUS_SIMD_NS
