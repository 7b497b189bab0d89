#pragma once

// Eight floats as one value, the same eight on every instruction set: one AVX register, or two SSE ones. Compilers lower
// the arithmetic operators; what they do not know how to write is named here. Include only from simd/*.cpp.

#include <cstdint>
#include <cstring>

#if defined(__FMA__)
#include <immintrin.h>
#endif

#pragma GCC diagnostic ignored "-Wpsabi"  // every function here is inlined: no value crosses a call

namespace vitreous::VITREOUS_SIMD_NS {

using float4 = float __attribute__((vector_size(16)));
using float8 = float __attribute__((vector_size(32)));
using int32x8 = std::int32_t __attribute__((vector_size(32)));
using float4_unaligned = float __attribute__((vector_size(16), aligned(4), may_alias));
using float8_unaligned = float __attribute__((vector_size(32), aligned(4), may_alias));
using int32x8_unaligned = std::int32_t __attribute__((vector_size(32), aligned(4), may_alias));

#define VITREOUS_INLINE static inline __attribute__((always_inline))

VITREOUS_INLINE float4 load4(const float* p) noexcept { return *reinterpret_cast<const float4_unaligned*>(p); }
VITREOUS_INLINE float8 load8(const float* p) noexcept { return *reinterpret_cast<const float8_unaligned*>(p); }
VITREOUS_INLINE void store4(float* p, float4 v) noexcept { *reinterpret_cast<float4_unaligned*>(p) = v; }
VITREOUS_INLINE void store8(float* p, float8 v) noexcept { *reinterpret_cast<float8_unaligned*>(p) = v; }

VITREOUS_INLINE int32x8 load8(const std::int32_t* p) noexcept { return *reinterpret_cast<const int32x8_unaligned*>(p); }
VITREOUS_INLINE void store8(std::int32_t* p, int32x8 v) noexcept { *reinterpret_cast<int32x8_unaligned*>(p) = v; }

VITREOUS_INLINE float4 broadcast4(float x) noexcept { return float4{x, x, x, x}; }
VITREOUS_INLINE float8 broadcast8(float x) noexcept { return float8{x, x, x, x, x, x, x, x}; }
VITREOUS_INLINE float8 lane_numbers() noexcept { return float8{0, 1, 2, 3, 4, 5, 6, 7}; }

VITREOUS_INLINE float4 low(float8 v) noexcept { return __builtin_shufflevector(v, v, 0, 1, 2, 3); }
VITREOUS_INLINE float4 high(float8 v) noexcept { return __builtin_shufflevector(v, v, 4, 5, 6, 7); }
VITREOUS_INLINE float8 join(float4 a, float4 b) noexcept { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7); }

// a b + c: one rounding where the instruction set has it.
#if defined(__FMA__)
VITREOUS_INLINE float4 fma(float4 a, float4 b, float4 c) noexcept { return _mm_fmadd_ps(a, b, c); }
VITREOUS_INLINE float8 fma(float8 a, float8 b, float8 c) noexcept { return _mm256_fmadd_ps(a, b, c); }
VITREOUS_INLINE float8 square_root(float8 v) noexcept { return _mm256_sqrt_ps(v); }
VITREOUS_INLINE float8 truncated(float8 v) noexcept { return _mm256_round_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
#else
VITREOUS_INLINE float4 fma(float4 a, float4 b, float4 c) noexcept { return a * b + c; }
VITREOUS_INLINE float8 fma(float8 a, float8 b, float8 c) noexcept { return a * b + c; }
VITREOUS_INLINE float8 square_root(float8 v) noexcept {
  for (int lane = 0; lane < 8; ++lane) v[lane] = __builtin_sqrtf(v[lane]);
  return v;
}
VITREOUS_INLINE float8 truncated(float8 v) noexcept {  // |v| < 2^31
  return __builtin_convertvector(__builtin_convertvector(v, int32x8), float8);
}
#endif

VITREOUS_INLINE float8 from_bits(int32x8 v) noexcept { return reinterpret_cast<float8>(v); }
VITREOUS_INLINE int32x8 bits(float8 v) noexcept { return reinterpret_cast<int32x8>(v); }
VITREOUS_INLINE float8 absolute(float8 v) noexcept { return from_bits(bits(v) & 0x7fffffff); }
VITREOUS_INLINE float8 smaller(float8 a, float8 b) noexcept { return a < b ? a : b; }

VITREOUS_INLINE int32x8 to_int(float8 v) noexcept { return __builtin_convertvector(v, int32x8); }  // towards zero

// Lane `Lane` of each half, four times over.
template <int Lane>
VITREOUS_INLINE float8 spread_lane(float8 v) noexcept {
  return __builtin_shufflevector(v, v, Lane, Lane, Lane, Lane, Lane + 4, Lane + 4, Lane + 4, Lane + 4);
}

// Whether any lane of a comparison holds.
#if defined(__AVX__)
VITREOUS_INLINE bool any(int32x8 mask) noexcept { return _mm256_movemask_ps(from_bits(mask)) != 0; }
#else
VITREOUS_INLINE bool any(int32x8 mask) noexcept {
  std::int32_t all = 0;
  for (int lane = 0; lane < 8; ++lane) all |= mask[lane];
  return all != 0;
}
#endif

// Sum of the eight lanes, always in this order.
VITREOUS_INLINE float sum(float8 v) noexcept {
  const float4 half = low(v) + high(v);
  return (half[0] + half[2]) + (half[1] + half[3]);
}

}  // namespace vitreous::VITREOUS_SIMD_NS
