#include "kernels/radial_mean.h"

#include <cmath>
#include <vector>

namespace vitreous {

void radial_mean(const float* weight, std::int64_t radius, double padding_factor, std::int64_t shell_count, double* out) {
  const std::int64_t edge = radius + 1;
  const std::int64_t size_x = radius + 2;
  const std::int64_t size_z = 2 * radius + 3;
  // One row of sums for each z plane, added in the order of z: the same for any number of threads.
  std::vector<double> plane_sums(static_cast<std::size_t>(size_z * shell_count));
  std::vector<double> plane_counts(static_cast<std::size_t>(size_z * shell_count));
#pragma omp parallel for schedule(static)
  for (std::int64_t z = -radius; z <= radius; ++z) {
    double* const sums = plane_sums.data() + (z + edge) * shell_count;
    double* const counts = plane_counts.data() + (z + edge) * shell_count;
    for (std::int64_t y = -radius; y <= radius; ++y) {
      const float* const row = weight + ((z + edge) * size_z + y + edge) * size_x;
      for (std::int64_t x = 0; x <= radius; ++x) {
        const std::int64_t squared = x * x + y * y + z * z;
        if (squared > radius * radius) break;
        const auto shell = static_cast<std::int64_t>(std::sqrt(static_cast<double>(squared)) / padding_factor + 0.5);
        if (shell >= shell_count) break;
        const double multiplicity = x == 0 ? 1 : 2;
        sums[shell] += multiplicity * static_cast<double>(row[x]);
        counts[shell] += multiplicity;
      }
    }
  }
  for (std::int64_t shell = 0; shell < shell_count; ++shell) {
    double sum = 0;
    double count = 0;
    for (std::int64_t z = 0; z < size_z; ++z) {
      sum += plane_sums[static_cast<std::size_t>(z * shell_count + shell)];
      count += plane_counts[static_cast<std::size_t>(z * shell_count + shell)];
    }
    out[shell] = count > 0 ? sum / count : 0;
  }
}

}  // namespace vitreous
