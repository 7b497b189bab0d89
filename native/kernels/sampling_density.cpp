#include "kernels/sampling_density.h"

#include <algorithm>
#include <cmath>

#include "kernels/shell_sums.h"

namespace vitreous {

DensityMeans density_means(const DensityInput& input) {
  const std::int64_t shells = input.max_shell + 1;
  std::vector<double> rows(static_cast<std::size_t>(2 * input.layout.row_count * shells));
  shell_sums({.weight = input.weight,
              .layout = input.layout,
              .edge = grid_edge(input.layout.radius, input.size),
              .limit = input.padding * static_cast<double>(input.max_shell),
              .padding = input.padding,
              .shell_count = shells,
              .is_rounded = false,
              .prior = input.prior},
             rows.data());
  const ShellTotals totals = add_rows(rows.data(), input.layout.row_count, shells);
  DensityMeans means;
  double total = 0;
  double total_count = 0;
  for (std::size_t shell = 0; shell < totals.sum.size(); ++shell) {
    means.shell.push_back(totals.count[shell] > 0 ? totals.sum[shell] / totals.count[shell] : 0);
    total += totals.sum[shell];
    total_count += totals.count[shell];
  }
  means.mean = total > 0 ? total / total_count : 0;
  return means;
}

SamplingDensity::SamplingDensity(const DensityInput& input, double mean, const double* shell_mean)
    : weight_(input.weight),
      layout_(input.layout),
      edge_(grid_edge(input.layout.radius, input.size)),
      mean_(mean),
      scale_(mean > 0 ? static_cast<float>(1 / mean) : 0.0f) {
  const double limit = input.padding * static_cast<double>(input.max_shell);
  last_squared_ = std::min(static_cast<std::int64_t>(limit * limit) + 1, 3 * edge_ * edge_);
  while (std::sqrt(static_cast<double>(last_squared_)) > limit) --last_squared_;
  shell_.resize(static_cast<std::size_t>(last_squared_ + 1));
  floor_shell_.resize(shell_.size());
  for (std::int64_t squared = 0; squared <= last_squared_; ++squared) {
    const double shell = std::sqrt(static_cast<double>(squared)) / input.padding;
    shell_[static_cast<std::size_t>(squared)] = static_cast<std::int32_t>(std::lround(shell));
    floor_shell_[static_cast<std::size_t>(squared)] = static_cast<std::int32_t>(std::floor(shell));
  }
  for (std::int64_t shell = 0; shell <= input.max_shell; ++shell) {
    prior_.push_back(mean > 0 ? static_cast<float>(input.prior[shell] / mean) : 0.0f);
    floor_.push_back(mean > 0 ? static_cast<float>(input.floor_share * shell_mean[shell] / mean) : 0.0f);
  }
}

}  // namespace vitreous
