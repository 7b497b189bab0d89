#include "kernels/radial_mean.h"

#include <vector>

#include "kernels/shell_sums.h"

namespace vitreous {

void radial_mean(const float* weight, std::int64_t radius, double padding_factor, std::int64_t shell_count, double* out) {
  const BoxLayout layout = whole_box(radius);
  std::vector<double> rows(static_cast<std::size_t>(2 * layout.row_count * shell_count));
  shell_sums({.weight = weight,
              .layout = layout,
              .edge = radius,
              .limit = static_cast<double>(radius),
              .padding = padding_factor,
              .shell_count = shell_count,
              .is_rounded = true,
              .prior = nullptr},
             rows.data());
  const ShellTotals totals = add_rows(rows.data(), layout.row_count, shell_count);
  for (std::int64_t shell = 0; shell < shell_count; ++shell) {
    const auto s = static_cast<std::size_t>(shell);
    out[shell] = totals.count[s] > 0 ? totals.sum[s] / totals.count[s] : 0;
  }
}

}  // namespace vitreous
