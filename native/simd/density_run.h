#pragma once

// D of a reconstruction along x, and what it makes of F; kernels/sampling_density.h.

#include <cstdint>

namespace vitreous {

// Prior and floor of D over its mean, by squared distance from the origin.
struct DensityTable {
  const float* prior;
  const float* floor;
  float scale;  // 1 / mean of T
};

}  // namespace vitreous

#define VITREOUS_DECLARE_DENSITY_RUN(isa)                                                                        \
  namespace vitreous::isa {                                                                                      \
  /* out[i] = D at (first_x + i, y, z), i < count; `weight` is T there, `line` = y^2 + z^2. */                   \
  void density_run(const DensityTable& table, const float* weight, std::int64_t first_x, std::int64_t count,     \
                   std::int64_t line, float* out) noexcept;                                                      \
  /* out[i] = F / D times table.scale at x = i, interleaved complex; 0 where D is. */                            \
  void weighted_run(const DensityTable& table, const float* weight, const float* forward, std::int64_t count,    \
                    std::int64_t line, float* out) noexcept;                                                     \
  }
VITREOUS_DECLARE_DENSITY_RUN(sse2)
VITREOUS_DECLARE_DENSITY_RUN(avx2)
VITREOUS_DECLARE_DENSITY_RUN(avx512)
#undef VITREOUS_DECLARE_DENSITY_RUN
