#pragma once

#include <cstdint>

#include "kernels/box_layout.h"

namespace vitreous {

// Shapes as in src/device/ops/symmetrise.ts and symmetrise-rows.ts. A voxel's sum is over its images under the group, each
// interpolated on its own, in the order of their lower row y (ties: of the operators): so the rows of the volume may come
// in pieces, in order, and the bytes are the same.

// F and T of some rows: complete around every sample whose lower row is in [lower_first, lower_end) (rows counted from 0).
struct SymmetryWindow {
  BoxLayout layout;
  const float* forward;
  const float* weight;
  std::int64_t lower_first;
  std::int64_t lower_end;
};

struct SymmetryOperators {
  const float* matrices;  // [count][9] row-major
  std::int64_t count;
};

// The whole box at once. Throws std::bad_alloc before any work is done.
void symmetrise(const SymmetryOperators& operators, std::int64_t radius, const float* forward, const float* weight,
                float* out_forward, float* out_weight);

// Adds what a window gives to the sums [rows][2R+3 z][R+2 x][3] of the rows of `out`. Throws std::bad_alloc.
void symmetrise_rows(const SymmetryOperators& operators, const SymmetryWindow& window, const BoxLayout& out, double* sums);

// Sums to floats: forward [length][2], weight [length].
void narrow_sums(const double* sums, std::int64_t length, float* forward, float* weight) noexcept;

}  // namespace vitreous
