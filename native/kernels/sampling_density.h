// D of a reconstruction: how much was inserted at each voxel, with the prior and a floor (src/device/ops/reconstruct.ts).
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/box_layout.h"

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
  // D over its mean at x = 0 ... edge, |y|, |z| <= edge; 0 outside the radius.
  float at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    const std::int64_t squared = x * x + y * y + z * z;
    if (squared > last_squared_) return 0.0f;
    const std::int32_t shell = shell_[static_cast<std::size_t>(squared)];
    const float density = weight_[layout_.index(x, y, z)] * scale_ + prior_[static_cast<std::size_t>(shell)];
    const float floor = floor_[static_cast<std::size_t>(floor_shell_[static_cast<std::size_t>(squared)])];
    return density > floor ? density : floor;
  }

 private:
  const float* weight_;
  BoxLayout layout_;
  std::int64_t edge_;
  std::int64_t last_squared_;
  double mean_ = 0;
  float scale_ = 0;                  // 1 / mean
  std::vector<std::int32_t> shell_;        // by squared distance: rounded
  std::vector<std::int32_t> floor_shell_;  // by squared distance: rounded down
  std::vector<float> prior_;               // over the mean, by shell
  std::vector<float> floor_;               // floor_share · radial mean over the mean, by shell rounded down
};

}  // namespace vitreous
