#include "kernels/sampling_density.h"

#include <algorithm>
#include <cmath>

namespace vitreous {

SamplingDensity::SamplingDensity(const float* weight, std::int64_t radius, std::int64_t size, double padding,
                                 std::int64_t max_shell, const double* prior, double floor_share)
    : weight_(weight), radius_(radius), edge_(std::min(radius + 1, size / 2 - 1)) {
  const double limit = padding * static_cast<double>(max_shell);
  last_squared_ = std::min(static_cast<std::int64_t>(limit * limit) + 1, 3 * edge_ * edge_);
  while (std::sqrt(static_cast<double>(last_squared_)) > limit) --last_squared_;
  shell_.resize(static_cast<std::size_t>(last_squared_ + 1));
  floor_shell_.resize(shell_.size());
  for (std::int64_t squared = 0; squared <= last_squared_; ++squared) {
    const double shell = std::sqrt(static_cast<double>(squared)) / padding;
    shell_[static_cast<std::size_t>(squared)] = static_cast<std::int32_t>(std::lround(shell));
    floor_shell_[static_cast<std::size_t>(squared)] = static_cast<std::int32_t>(std::floor(shell));
  }

  const std::int64_t planes = 2 * edge_ + 1;
  const std::int64_t shells = max_shell + 1;
  // Sums of each z plane, added in the order of the planes: the same for any number of threads.
  std::vector<double> sums(static_cast<std::size_t>(planes * shells), 0.0);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(planes * shells), 0);
#pragma omp parallel for schedule(static)
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    const std::int64_t z = plane - edge_;
    double* sum = sums.data() + plane * shells;
    std::int64_t* count = counts.data() + plane * shells;
    for (std::int64_t y = -edge_; y <= edge_; ++y) {
      for (std::int64_t x = 0; x <= edge_; ++x) {
        const std::int64_t squared = x * x + y * y + z * z;
        if (squared > last_squared_) break;
        const std::int32_t shell = floor_shell_[static_cast<std::size_t>(squared)];
        const double added = prior[shell_[static_cast<std::size_t>(squared)]];
        const int multiplicity = x == 0 ? 1 : 2;
        sum[shell] += multiplicity * (static_cast<double>(weight_[index(x, y, z)]) + added);
        count[shell] += multiplicity;
      }
    }
  }
  std::vector<double> shell_mean(static_cast<std::size_t>(shells), 0.0);
  double total = 0;
  double total_count = 0;
  for (std::int64_t shell = 0; shell < shells; ++shell) {
    double sum = 0;
    double count = 0;
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      sum += sums[static_cast<std::size_t>(plane * shells + shell)];
      count += static_cast<double>(counts[static_cast<std::size_t>(plane * shells + shell)]);
    }
    shell_mean[static_cast<std::size_t>(shell)] = count > 0 ? sum / count : 0;
    total += sum;
    total_count += count;
  }
  mean_ = total > 0 ? total / total_count : 0;
  scale_ = mean_ > 0 ? static_cast<float>(1 / mean_) : 0.0f;
  for (std::int64_t shell = 0; shell < shells; ++shell) {
    prior_.push_back(mean_ > 0 ? static_cast<float>(prior[shell] / mean_) : 0.0f);
    floor_.push_back(mean_ > 0 ? static_cast<float>(floor_share * shell_mean[static_cast<std::size_t>(shell)] / mean_) : 0.0f);
  }
}

}  // namespace vitreous
