#pragma once

// Vectors of float under one name for the three instruction sets that simd/*.cpp is compiled for.
// `madd` is one rounding where the set has FMA (avx2, avx512) and two where it has not (sse2): same seed, same bytes holds
// within one instruction set. Nothing here calls into std::, whose inline functions could leak wide code into other objects.

#include <immintrin.h>

#include <cstdint>

#if defined(VITREOUS_SIMD_avx512) && !defined(__clang__)
// GCC 12's AVX-512 header starts its own "undefined" registers from themselves and warns about it (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#define VITREOUS_INLINE static inline __attribute__((always_inline))

namespace vitreous::VITREOUS_SIMD_NS {

#if defined(VITREOUS_SIMD_avx512)

constexpr int lane_count = 16;
using vfloat = __m512;
using vmask = __mmask16;

VITREOUS_INLINE vfloat load(const float* p) { return _mm512_loadu_ps(p); }
VITREOUS_INLINE void store(float* p, vfloat a) { _mm512_storeu_ps(p, a); }
VITREOUS_INLINE vfloat spread(float a) { return _mm512_set1_ps(a); }
VITREOUS_INLINE vfloat add(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
VITREOUS_INLINE vfloat sub(vfloat a, vfloat b) { return _mm512_sub_ps(a, b); }
VITREOUS_INLINE vfloat mul(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
VITREOUS_INLINE vfloat div(vfloat a, vfloat b) { return _mm512_div_ps(a, b); }
VITREOUS_INLINE vfloat madd(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }
VITREOUS_INLINE vfloat max(vfloat a, vfloat b) { return _mm512_max_ps(a, b); }
VITREOUS_INLINE vfloat min(vfloat a, vfloat b) { return _mm512_min_ps(a, b); }
VITREOUS_INLINE vmask greater(vfloat a, vfloat b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
VITREOUS_INLINE vmask at_most(vfloat a, vfloat b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
VITREOUS_INLINE vfloat select(vmask m, vfloat yes, vfloat no) { return _mm512_mask_blend_ps(m, no, yes); }
VITREOUS_INLINE vfloat floor(vfloat a) {
  return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
// Nearest integer as bits; 2^n of a float that holds an integer n in [-126, 127].
VITREOUS_INLINE vfloat power_of_two(vfloat n) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}
// x = m·2^e with m in [½, 1), for normal x > 0.
VITREOUS_INLINE void split_exponent(vfloat x, vfloat& m, vfloat& e) {
  const __m512i bits = _mm512_castps_si512(x);
  e = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_srli_epi32(bits, 23), _mm512_set1_epi32(126)));
  m = _mm512_castsi512_ps(
      _mm512_or_si512(_mm512_and_si512(bits, _mm512_set1_epi32(0x007fffff)), _mm512_set1_epi32(0x3f000000)));
}
VITREOUS_INLINE void store_integers(std::int32_t* p, vfloat a) { _mm512_storeu_si512(p, _mm512_cvttps_epi32(a)); }

#elif defined(VITREOUS_SIMD_avx2)

constexpr int lane_count = 8;
using vfloat = __m256;
using vmask = __m256;

VITREOUS_INLINE vfloat load(const float* p) { return _mm256_loadu_ps(p); }
VITREOUS_INLINE void store(float* p, vfloat a) { _mm256_storeu_ps(p, a); }
VITREOUS_INLINE vfloat spread(float a) { return _mm256_set1_ps(a); }
VITREOUS_INLINE vfloat add(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
VITREOUS_INLINE vfloat sub(vfloat a, vfloat b) { return _mm256_sub_ps(a, b); }
VITREOUS_INLINE vfloat mul(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
VITREOUS_INLINE vfloat div(vfloat a, vfloat b) { return _mm256_div_ps(a, b); }
VITREOUS_INLINE vfloat madd(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }
VITREOUS_INLINE vfloat max(vfloat a, vfloat b) { return _mm256_max_ps(a, b); }
VITREOUS_INLINE vfloat min(vfloat a, vfloat b) { return _mm256_min_ps(a, b); }
VITREOUS_INLINE vmask greater(vfloat a, vfloat b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
VITREOUS_INLINE vmask at_most(vfloat a, vfloat b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
VITREOUS_INLINE vfloat select(vmask m, vfloat yes, vfloat no) { return _mm256_blendv_ps(no, yes, m); }
VITREOUS_INLINE vfloat floor(vfloat a) { return _mm256_floor_ps(a); }
VITREOUS_INLINE vfloat power_of_two(vfloat n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
VITREOUS_INLINE void split_exponent(vfloat x, vfloat& m, vfloat& e) {
  const __m256i bits = _mm256_castps_si256(x);
  e = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(126)));
  m = _mm256_castsi256_ps(
      _mm256_or_si256(_mm256_and_si256(bits, _mm256_set1_epi32(0x007fffff)), _mm256_set1_epi32(0x3f000000)));
}
VITREOUS_INLINE void store_integers(std::int32_t* p, vfloat a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_cvttps_epi32(a));
}

#else

constexpr int lane_count = 4;
using vfloat = __m128;
using vmask = __m128;

VITREOUS_INLINE vfloat load(const float* p) { return _mm_loadu_ps(p); }
VITREOUS_INLINE void store(float* p, vfloat a) { _mm_storeu_ps(p, a); }
VITREOUS_INLINE vfloat spread(float a) { return _mm_set1_ps(a); }
VITREOUS_INLINE vfloat add(vfloat a, vfloat b) { return _mm_add_ps(a, b); }
VITREOUS_INLINE vfloat sub(vfloat a, vfloat b) { return _mm_sub_ps(a, b); }
VITREOUS_INLINE vfloat mul(vfloat a, vfloat b) { return _mm_mul_ps(a, b); }
VITREOUS_INLINE vfloat div(vfloat a, vfloat b) { return _mm_div_ps(a, b); }
VITREOUS_INLINE vfloat madd(vfloat a, vfloat b, vfloat c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
VITREOUS_INLINE vfloat max(vfloat a, vfloat b) { return _mm_max_ps(a, b); }
VITREOUS_INLINE vfloat min(vfloat a, vfloat b) { return _mm_min_ps(a, b); }
VITREOUS_INLINE vmask greater(vfloat a, vfloat b) { return _mm_cmpgt_ps(a, b); }
VITREOUS_INLINE vmask at_most(vfloat a, vfloat b) { return _mm_cmple_ps(a, b); }
VITREOUS_INLINE vfloat select(vmask m, vfloat yes, vfloat no) {
  return _mm_or_ps(_mm_and_ps(m, yes), _mm_andnot_ps(m, no));
}
// Exact for |a| < 2^31, the range that the kernels use.
VITREOUS_INLINE vfloat floor(vfloat a) {
  const __m128 whole = _mm_cvtepi32_ps(_mm_cvttps_epi32(a));
  return _mm_sub_ps(whole, _mm_and_ps(_mm_cmpgt_ps(whole, a), _mm_set1_ps(1.0f)));
}
VITREOUS_INLINE vfloat power_of_two(vfloat n) {
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(_mm_cvtps_epi32(n), _mm_set1_epi32(127)), 23));
}
VITREOUS_INLINE void split_exponent(vfloat x, vfloat& m, vfloat& e) {
  const __m128i bits = _mm_castps_si128(x);
  e = _mm_cvtepi32_ps(_mm_sub_epi32(_mm_srli_epi32(bits, 23), _mm_set1_epi32(126)));
  m = _mm_castsi128_ps(
      _mm_or_si128(_mm_and_si128(bits, _mm_set1_epi32(0x007fffff)), _mm_set1_epi32(0x3f000000)));
}
VITREOUS_INLINE void store_integers(std::int32_t* p, vfloat a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_cvttps_epi32(a));
}

#endif

// e^x for x <= 0, relative error about 1e-7; 0 below -87. NaN stays NaN.
// Range reduction by ln 2 in two parts and a polynomial of degree 6 (Cephes expf's scheme).
VITREOUS_INLINE vfloat exp_nonpositive(vfloat x) {
  const vfloat lowest = spread(-87.0f);
  const vmask is_tiny = greater(lowest, x);
  const vfloat clamped = select(is_tiny, lowest, x);
  const vfloat n = floor(madd(clamped, spread(1.44269504088896341f), spread(0.5f)));
  vfloat r = madd(n, spread(-0.693359375f), clamped);
  r = madd(n, spread(2.12194440e-4f), r);
  vfloat y = spread(1.9875691500e-4f);
  y = madd(y, r, spread(1.3981999507e-3f));
  y = madd(y, r, spread(8.3334519073e-3f));
  y = madd(y, r, spread(4.1665795894e-2f));
  y = madd(y, r, spread(1.6666665459e-1f));
  y = madd(y, r, spread(5.0000001201e-1f));
  y = madd(y, mul(r, r), add(r, spread(1.0f)));
  return select(is_tiny, spread(0.0f), mul(y, power_of_two(n)));
}

// ln x for normal x > 0, relative error about 1e-7 (Cephes logf's scheme). NaN stays NaN.
VITREOUS_INLINE vfloat log_positive(vfloat x) {
  vfloat m;
  vfloat e;
  split_exponent(x, m, e);
  const vmask is_low = greater(spread(0.707106781186547524f), m);
  e = sub(e, select(is_low, spread(1.0f), spread(0.0f)));
  m = sub(add(m, select(is_low, m, spread(0.0f))), spread(1.0f));
  const vfloat z = mul(m, m);
  vfloat y = spread(7.0376836292e-2f);
  y = madd(y, m, spread(-1.1514610310e-1f));
  y = madd(y, m, spread(1.1676998740e-1f));
  y = madd(y, m, spread(-1.2420140846e-1f));
  y = madd(y, m, spread(1.4249322787e-1f));
  y = madd(y, m, spread(-1.6668057665e-1f));
  y = madd(y, m, spread(2.0000714765e-1f));
  y = madd(y, m, spread(-2.4999993993e-1f));
  y = madd(y, m, spread(3.3333331174e-1f));
  y = mul(mul(y, m), z);
  y = madd(e, spread(-2.12194440e-4f), y);
  y = madd(z, spread(-0.5f), y);
  const vfloat result = madd(e, spread(0.693359375f), add(m, y));
  return add(result, sub(x, x));
}

}  // namespace vitreous::VITREOUS_SIMD_NS
