#include "simd/density_run.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

inline float density(const DensityTable& table, float weight, std::int32_t squared) noexcept {
  const float d = weight * table.scale + table.prior[squared];
  const float floor = table.floor[squared];
  return d > floor ? d : floor;
}

}  // namespace

void density_run(const DensityTable& table, const float* __restrict weight, std::int64_t first_x, std::int64_t count,
                 std::int64_t line, float* __restrict out) noexcept {
  const auto first = static_cast<std::int32_t>(first_x);
  const auto across = static_cast<std::int32_t>(line);
  const auto length = static_cast<std::int32_t>(count);
#pragma omp simd
  for (std::int32_t i = 0; i < length; ++i) out[i] = density(table, weight[i], (first + i) * (first + i) + across);
}

void weighted_run(const DensityTable& table, const float* __restrict weight, const float* __restrict forward,
                  std::int64_t count, std::int64_t line, float* __restrict out) noexcept {
  const auto across = static_cast<std::int32_t>(line);
  const auto length = static_cast<std::int32_t>(count);
#pragma omp simd
  for (std::int32_t i = 0; i < length; ++i) {
    const float d = density(table, weight[i], i * i + across);
    const float w = d > 0 ? table.scale / d : 0.0f;
    out[2 * i] = forward[2 * i] * w;
    out[2 * i + 1] = forward[2 * i + 1] * w;
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
