#pragma once

#include <cstdint>

namespace vitreous {

// Shapes as in src/device/ops/reconstruct.ts.
struct Reconstruct {
  const float* forward;          // [2R+3][2R+3][R+2][2]
  const float* weight;           // [2R+3][2R+3][R+2]
  std::int64_t radius;           // R
  double padding;
  std::int64_t box_px;           // N, even
  std::int64_t size;             // M = padding N, even
  std::int64_t max_shell;
  const double* prior;           // [max_shell + 1]
  std::int64_t gridding_iterations;
  float* map;                    // [N][N][N], overwritten
  double* report;                // [2] or null
};

// F and T -> map. The M grid is never held whole: at most N (2R+3)(R+2) complex numbers, or, while the gridding loop runs,
// W and half a grid. Throws std::bad_alloc.
void reconstruct(const Reconstruct& input);

}  // namespace vitreous
