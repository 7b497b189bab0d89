#include "kernels/sampling_density.h"

#include <algorithm>
#include <cmath>

#include "kernels/shell_sums.h"
#include "simd/dispatch.h"

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
  for (std::int64_t squared = 0; squared <= last_squared_; ++squared) {
    const double distance = std::sqrt(static_cast<double>(squared)) / input.padding;
    const std::int64_t shell = std::lround(distance);
    const auto floor_shell = static_cast<std::int64_t>(std::floor(distance));
    prior_.push_back(mean > 0 ? static_cast<float>(input.prior[shell] / mean) : 0.0f);
    floor_.push_back(mean > 0 ? static_cast<float>(input.floor_share * shell_mean[floor_shell] / mean) : 0.0f);
  }
}

std::int64_t SamplingDensity::inside(std::int64_t y, std::int64_t z) const noexcept {
  const std::int64_t left = last_squared_ - y * y - z * z;
  if (left < 0) return 0;
  auto x = static_cast<std::int64_t>(std::sqrt(static_cast<double>(left)));
  while (x * x > left) --x;
  while ((x + 1) * (x + 1) <= left) ++x;
  return std::min(x, edge_) + 1;
}

void SamplingDensity::run(std::int64_t first, std::int64_t count, std::int64_t y, std::int64_t z,
                          float* out) const noexcept {
  const DensityTable table{prior_.data(), floor_.data(), scale_};
  const float* const weight = weight_ + layout_.index(first, y, z);
  VITREOUS_DISPATCH(density_run, table, weight, first, count, y * y + z * z, out);
}

void SamplingDensity::weighted_run(const float* forward, std::int64_t count, std::int64_t y, std::int64_t z,
                                   float* out) const noexcept {
  const DensityTable table{prior_.data(), floor_.data(), scale_};
  const std::int64_t place = layout_.index(0, y, z);
  VITREOUS_DISPATCH(weighted_run, table, weight_ + place, forward + 2 * place, count, y * y + z * z, out);
}

}  // namespace vitreous
