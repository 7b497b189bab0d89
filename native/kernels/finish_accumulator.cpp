#include "kernels/finish_accumulator.h"

namespace vitreous {

void finish_accumulator(const std::int64_t* accumulator, std::int64_t radius, double forward_scale, double weight_scale,
                        float* forward, float* weight) noexcept {
  const std::int64_t size_x = radius + 2;
  const std::int64_t row_count = (2 * radius + 3) * (2 * radius + 3);
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < row_count; ++row) {
    const std::int64_t* const from = accumulator + 3 * row * size_x;
    // The row of (-y, -z): rows are symmetric about the one of (0, 0).
    const std::int64_t* const mate = accumulator + 3 * (row_count - 1 - row) * size_x;
    float* const forward_row = forward + 2 * row * size_x;
    float* const weight_row = weight + row * size_x;
    for (std::int64_t x = 0; x < size_x; ++x) {
      forward_row[2 * x] = static_cast<float>(static_cast<double>(from[3 * x]) / forward_scale);
      forward_row[2 * x + 1] = static_cast<float>(static_cast<double>(from[3 * x + 1]) / forward_scale);
      weight_row[x] = static_cast<float>(static_cast<double>(from[3 * x + 2]) / weight_scale);
    }
    forward_row[0] = static_cast<float>(static_cast<double>(from[0] + mate[0]) / forward_scale);
    forward_row[1] = static_cast<float>(static_cast<double>(from[1] - mate[1]) / forward_scale);
    weight_row[0] = static_cast<float>(static_cast<double>(from[2] + mate[2]) / weight_scale);
  }
}

}  // namespace vitreous
