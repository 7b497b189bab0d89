// D of a reconstruction: how much was inserted at each voxel, with the prior and a floor (src/device/ops/reconstruct.ts).
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/box_layout.h"
#include "simd/density_run.h"

namespace vitreous {

// Means of T + prior inside: of each shell (rounded down) and of all; 0 where nothing was inserted.
struct DensityMeans {
  double mean = 0;
  std::vector<double> shell;
};

// T with what makes it a density.
struct DensityInput {
  const float* weight;
  BoxLayout layout;
  std::int64_t size;       // M
  double padding;
  std::int64_t max_shell;
  const double* prior;     // [max_shell + 1]
  double floor_share;      // smallest D as a share of its shell's mean, shells rounded down
};

// Largest |x|, |y|, |z| that can be inside: within the box, below the M grid's Nyquist.
inline std::int64_t grid_edge(std::int64_t radius, std::int64_t size) noexcept {
  return radius + 1 < size / 2 - 1 ? radius + 1 : size / 2 - 1;
}

// Smallest D, as a share of its shell's mean: of the direct weight, and of the gridding loop, which itself bounds W.
inline double floor_share_of(std::int64_t gridding_iterations) noexcept { return gridding_iterations > 0 ? 1e-10 : 1e-3; }

// Of the whole box. Throws std::bad_alloc.
DensityMeans density_means(const DensityInput& input);

class SamplingDensity {
 public:
  // `shell_mean` [max_shell + 1]. Throws std::bad_alloc.
  SamplingDensity(const DensityInput& input, double mean, const double* shell_mean);

  std::int64_t edge() const noexcept { return edge_; }
  double mean() const noexcept { return mean_; }
  const BoxLayout& layout() const noexcept { return layout_; }
  // Voxels x = 0, 1 ... of a line that are inside: D is 0 beyond. At most edge + 1.
  std::int64_t inside(std::int64_t y, std::int64_t z) const noexcept;
  // D over its mean at x = first ... first + count - 1, all inside.
  void run(std::int64_t first, std::int64_t count, std::int64_t y, std::int64_t z, float* out) const noexcept;
  // F / D over the mean of D at x = 0 ... count - 1, all inside, interleaved complex; `forward` is F in the layout of T.
  void weighted_run(const float* forward, std::int64_t count, std::int64_t y, std::int64_t z, float* out) const noexcept;

 private:
  const float* weight_;
  BoxLayout layout_;
  std::int64_t edge_;
  std::int64_t last_squared_;
  double mean_ = 0;
  float scale_ = 0;           // 1 / mean
  std::vector<float> prior_;  // by squared distance: that of the shell, rounded, over the mean
  std::vector<float> floor_;  // by squared distance: floor_share · mean of the shell, rounded down, over the mean
};

}  // namespace vitreous
