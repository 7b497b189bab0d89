#include "kernels/machine_peak.h"

#include <immintrin.h>
#include <omp.h>

#include <cstring>

#include "simd/dispatch.h"

namespace vitreous {

namespace {

constexpr int chain_count = 12;
constexpr std::int64_t copy_block = std::int64_t{1} << 18;

// Where results go that nobody reads, so that they are computed.
volatile float sink;

__attribute__((target("avx512f"))) void multiply_add_avx512(std::int64_t rounds) noexcept {
  __m512 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm512_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m512 a = _mm512_set1_ps(0.9999f);
  const __m512 b = _mm512_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm512_fmadd_ps(sum[i], a, b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm512_cvtss_f32(sum[i]);
}

__attribute__((target("avx2,fma"))) void multiply_add_avx2(std::int64_t rounds) noexcept {
  __m256 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm256_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m256 a = _mm256_set1_ps(0.9999f);
  const __m256 b = _mm256_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm256_fmadd_ps(sum[i], a, b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm256_cvtss_f32(sum[i]);
}

void multiply_add_sse2(std::int64_t rounds) noexcept {
  __m128 sum[chain_count];
  for (int i = 0; i < chain_count; ++i) sum[i] = _mm_set1_ps(1.0f + 0.01f * static_cast<float>(i));
  const __m128 a = _mm_set1_ps(0.9999f);
  const __m128 b = _mm_set1_ps(1e-4f);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chain_count; ++i) sum[i] = _mm_add_ps(_mm_mul_ps(sum[i], a), b);
  }
  for (int i = 0; i < chain_count; ++i) sink = _mm_cvtss_f32(sum[i]);
}

// Places are multiples of an odd constant (a Weyl sequence): none waits for the one before, and the four sums neither.
void gather(const float* table, std::uint32_t mask, std::int64_t loads, std::uint32_t seed) noexcept {
  constexpr std::uint32_t stride = 2654435769u;
  __m128 sum[4] = {_mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps()};
  std::uint32_t place = seed * stride;
  for (std::int64_t i = 0; i < loads; i += 4) {
#pragma GCC unroll 4
    for (std::uint32_t j = 0; j < 4; ++j) {
      sum[j] = _mm_add_ps(sum[j], _mm_loadu_ps(table + (((place + j * stride) >> 5) & mask)));
    }
    place += 4 * stride;
  }
  sink = _mm_cvtss_f32(_mm_add_ps(_mm_add_ps(sum[0], sum[1]), _mm_add_ps(sum[2], sum[3])));
}

}  // namespace

double machine_multiply_add(std::int64_t rounds) noexcept {
  const Isa isa = active_isa();
  int threads = 1;
#pragma omp parallel
  {
#pragma omp single
    threads = omp_get_num_threads();
    switch (isa) {
      case Isa::avx512: multiply_add_avx512(rounds); break;
      case Isa::avx2: multiply_add_avx2(rounds); break;
      case Isa::sse2: multiply_add_sse2(rounds); break;
    }
  }
  const double lanes = isa == Isa::avx512 ? 16 : isa == Isa::avx2 ? 8 : 4;
  return 2 * lanes * chain_count * static_cast<double>(rounds) * threads;
}

double machine_copy(const float* from, float* to, std::int64_t length, std::int64_t rounds) noexcept {
  const std::int64_t blocks = (length + copy_block - 1) / copy_block;
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma omp parallel for schedule(static)
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t first = block * copy_block;
      const std::int64_t count = first + copy_block < length ? copy_block : length - first;
      std::memcpy(to + first, from + first, static_cast<std::size_t>(count) * sizeof(float));
    }
  }
  return 2.0 * sizeof(float) * static_cast<double>(length) * static_cast<double>(rounds);
}

double machine_gather(const float* table, std::int64_t length, std::int64_t loads_per_thread) noexcept {
  // Multiples of four: no load ends beyond the table or crosses a cache line.
  const std::uint32_t mask = static_cast<std::uint32_t>(length - 1) & ~3u;
  int threads = 1;
#pragma omp parallel
  {
#pragma omp single
    threads = omp_get_num_threads();
    gather(table, mask, loads_per_thread, static_cast<std::uint32_t>(2 * omp_get_thread_num() + 1));
  }
  return static_cast<double>(loads_per_thread) * threads;
}

}  // namespace vitreous
