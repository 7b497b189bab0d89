#pragma once

#include <cstdint>
#include <vector>

#include "kernels/box_layout.h"

namespace vitreous {

// Sums over shells of T (plus a prior), one row y at a time: adding the rows in their order gives the same bytes however the
// rows are dealt out. Shapes as in src/device/ops/shell-sums.ts.
struct ShellSums {
  const float* weight;
  BoxLayout layout;
  std::int64_t edge;         // |x|, |y|, |z| <= edge are counted
  double limit;              // |p| <= limit
  double padding;
  std::int64_t shell_count;
  bool is_rounded;           // shell of round(|p| / padding), else floor
  const double* prior;       // [by rounded shell] or null
};

// out [row_count][shell_count][2]: sum and count, x > 0 twice. Throws std::bad_alloc.
void shell_sums(const ShellSums& input, double* out);

// Sum and count of each shell over the rows in their order.
struct ShellTotals {
  std::vector<double> sum;
  std::vector<double> count;
};
ShellTotals add_rows(const double* rows, std::int64_t row_count, std::int64_t shell_count);

}  // namespace vitreous
