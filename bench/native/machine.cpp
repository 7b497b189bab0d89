#include "machine.h"

#include <immintrin.h>
#ifdef HAVE_CBLAS
#include <cblas.h>
extern "C" void openblas_set_num_threads(int count);
#endif

#include <cstdint>
#include <cstring>
#include <vector>

namespace bench {

namespace {

volatile float sink;

constexpr int chain_count = 12;  // more than latency × units needs on any x86 of the last ten years

__attribute__((target("avx2,fma"))) double fma_peak_avx2(std::int64_t rounds) {
  __m256 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm256_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m256 a = _mm256_set1_ps(0.9999f);
  const __m256 b = _mm256_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm256_fmadd_ps(sum[i], a, b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm256_cvtss_f32(sum[i]);
  return 2.0 * 8 * chain_count * static_cast<double>(rounds);
}

__attribute__((target("avx512f"))) double fma_peak_avx512(std::int64_t rounds) {
  __m512 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm512_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m512 a = _mm512_set1_ps(0.9999f);
  const __m512 b = _mm512_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm512_fmadd_ps(sum[i], a, b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm512_cvtss_f32(sum[i]);
  return 2.0 * 16 * chain_count * static_cast<double>(rounds);
}

double multiply_add_peak_sse2(std::int64_t rounds) {
  __m128 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m128 a = _mm_set1_ps(0.9999f);
  const __m128 b = _mm_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm_add_ps(_mm_mul_ps(sum[i], a), b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm_cvtss_f32(sum[i]);
  return 2.0 * 4 * chain_count * static_cast<double>(rounds);
}

}  // namespace

double fma_peak(vitreous::Isa isa) {
  constexpr std::int64_t rounds = 4'000'000;
  double flops = 0;
  const double seconds = seconds_of([&] {
    switch (isa) {
      case vitreous::Isa::avx512: flops = fma_peak_avx512(rounds); break;
      case vitreous::Isa::avx2: flops = fma_peak_avx2(rounds); break;
      case vitreous::Isa::sse2: flops = multiply_add_peak_sse2(rounds); break;
    }
  });
  return flops / seconds * 1e-9;
}

double sgemm_rate() {
#ifdef HAVE_CBLAS
  openblas_set_num_threads(1);
  constexpr int m = 384;
  constexpr int n = 512;
  constexpr int k = 1024;
  static const std::vector<float> a(static_cast<std::size_t>(m) * k, 0.5f);
  static const std::vector<float> b(static_cast<std::size_t>(k) * n, 0.25f);
  static std::vector<float> c(static_cast<std::size_t>(m) * n);
  const double seconds = seconds_of([&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a.data(), k, b.data(), n, 0.0f, c.data(), n);
  });
  return 2.0 * m * n * k / seconds * 1e-9;
#else
  return 0.0;
#endif
}

double copy_bandwidth() {
  constexpr std::size_t bytes = std::size_t{64} << 20;
  static const std::vector<char> from(bytes, 1);
  static std::vector<char> to(bytes, 2);
  const double seconds = seconds_of([&] { std::memcpy(to.data(), from.data(), bytes); });
  sink = static_cast<float>(to[bytes / 2]);
  return 2.0 * static_cast<double>(bytes) / seconds * 1e-9;
}

double gather_rate() {
  constexpr std::uint32_t entries = 1u << 21;  // floats: 8 MiB
  constexpr int loads = 2'000'000;
  static const std::vector<float> table(entries + 4, 1.0f);
  float total = 0;
  const double seconds = seconds_of([&] {
    std::uint32_t place = 1;
    __m128 sum = _mm_setzero_ps();
    for (int i = 0; i < loads; ++i) {
      place = place * 1664525u + 1013904223u;
      sum = _mm_add_ps(sum, _mm_loadu_ps(table.data() + (place >> 11)));
    }
    total = _mm_cvtss_f32(sum);
  });
  sink = total;
  return loads / seconds * 1e-6;
}

}  // namespace bench
