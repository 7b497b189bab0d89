#include "kernels/shell_sums.h"

#include <algorithm>
#include <cmath>

#include "kernels/thread_scratch.h"

namespace vitreous {

void shell_sums(const ShellSums& input, double* out) {
  const std::int64_t edge = input.edge;
  // Shells by squared distance, up to the limit.
  std::vector<std::int32_t> shell_of;
  std::vector<std::int32_t> rounded;
  for (std::int64_t squared = 0; squared <= 3 * edge * edge; ++squared) {
    const double distance = std::sqrt(static_cast<double>(squared));
    if (distance > input.limit) break;
    rounded.push_back(static_cast<std::int32_t>(std::lround(distance / input.padding)));
    const double lower = std::floor(distance / input.padding);
    shell_of.push_back(input.is_rounded ? rounded.back() : static_cast<std::int32_t>(lower));
  }
  const auto last = static_cast<std::int64_t>(shell_of.size()) - 1;
  // Four partial sums a shell, by x modulo 4: neighbours along x are mostly of one shell, and one sum would wait for itself.
  ThreadScratch<double> partial_scratch(4 * input.shell_count);
#pragma omp parallel for schedule(dynamic, 4)
  for (std::int64_t row = 0; row < input.layout.row_count; ++row) {
    double* const sums = out + 2 * row * input.shell_count;
    std::fill_n(sums, 2 * input.shell_count, 0.0);
    const std::int64_t y = input.layout.y_of(row);
    if (y < -edge || y > edge) continue;
    double* const partial = partial_scratch.mine();
    std::fill_n(partial, 4 * input.shell_count, 0.0);
    for (std::int64_t z = -edge; z <= edge; ++z) {
      const std::int64_t line = y * y + z * z;
      if (line > last) continue;
      const float* const weight = input.weight + input.layout.index(0, y, z);
      for (std::int64_t x = 0; x <= edge; ++x) {
        const std::int64_t squared = x * x + line;
        if (squared > last) break;
        const std::int64_t shell = shell_of[static_cast<std::size_t>(squared)];
        if (shell >= input.shell_count) break;
        const double added = input.prior == nullptr ? 0.0 : input.prior[rounded[static_cast<std::size_t>(squared)]];
        const double multiplicity = x == 0 ? 1 : 2;
        partial[4 * shell + x % 4] += multiplicity * (static_cast<double>(weight[x]) + added);
        sums[2 * shell + 1] += multiplicity;
      }
    }
    for (std::int64_t shell = 0; shell < input.shell_count; ++shell) {
      const double* const four = partial + 4 * shell;
      sums[2 * shell] = (four[0] + four[1]) + (four[2] + four[3]);
    }
  }
}

ShellTotals add_rows(const double* rows, std::int64_t row_count, std::int64_t shell_count) {
  ShellTotals totals;
  for (std::int64_t shell = 0; shell < shell_count; ++shell) {
    double sum = 0;
    double count = 0;
    for (std::int64_t row = 0; row < row_count; ++row) {
      sum += rows[2 * (row * shell_count + shell)];
      count += rows[2 * (row * shell_count + shell) + 1];
    }
    totals.sum.push_back(sum);
    totals.count.push_back(count);
  }
  return totals;
}

}  // namespace vitreous
