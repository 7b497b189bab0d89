// D of a reconstruction: how much was inserted at each voxel, with the prior and a floor (src/device/ops/reconstruct.ts).
#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

class SamplingDensity {
 public:
  // weight [2R+3][2R+3][R+2] = T; prior [max_shell + 1]; floor_share: smallest D as a share of its shell's mean, shells
  // rounded down. Takes the radial mean and the overall mean. Throws std::bad_alloc.
  SamplingDensity(const float* weight, std::int64_t radius, std::int64_t size, double padding, std::int64_t max_shell,
                  const double* prior, double floor_share);

  // Largest |x|, |y|, |z| that can be inside: within the box, below the M grid's Nyquist.
  std::int64_t edge() const noexcept { return edge_; }
  // Mean of T + prior inside; 0 when nothing was inserted.
  double mean() const noexcept { return mean_; }
  std::int64_t index(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    return ((z + radius_ + 1) * (2 * radius_ + 3) + (y + radius_ + 1)) * (radius_ + 2) + x;
  }
  // D over its mean at x = 0 ... edge, |y|, |z| <= edge; 0 outside the radius.
  float at(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    const std::int64_t squared = x * x + y * y + z * z;
    if (squared > last_squared_) return 0.0f;
    const std::int32_t shell = shell_[static_cast<std::size_t>(squared)];
    const float density = weight_[index(x, y, z)] * scale_ + prior_[static_cast<std::size_t>(shell)];
    const float floor = floor_[static_cast<std::size_t>(floor_shell_[static_cast<std::size_t>(squared)])];
    return density > floor ? density : floor;
  }

 private:
  const float* weight_;
  std::int64_t radius_;
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
