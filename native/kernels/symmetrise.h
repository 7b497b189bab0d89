#pragma once

#include <cstdint>

namespace vitreous {

// out(p) = sum over g of A(G_g p), trilinear, |p| <= R; 0 beyond; src/device/ops/symmetrise.ts. Boxes of radius R.
//   operators             [operator_count][9] row-major
//   forward, weight       complex and real Fourier box, plane x = 0 complete
//   out_forward, out_weight  overwritten
void symmetrise(const float* operators, std::int64_t operator_count, std::int64_t radius, const float* forward,
                const float* weight, float* out_forward, float* out_weight) noexcept;

}  // namespace vitreous
