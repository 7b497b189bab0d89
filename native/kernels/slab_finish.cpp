#include "kernels/slab_finish.h"

#include <cstring>

#include "kernels/aligned_array.h"

namespace vitreous {

void hermitian_column(const std::int64_t* accumulator, std::int64_t radius, std::int64_t row_count,
                      std::int64_t* out) noexcept {
  const std::int64_t lines = row_count * (2 * radius + 3);
  for (std::int64_t line = 0; line < lines; ++line) {
    std::memcpy(out + 3 * line, accumulator + 3 * (radius + 2) * line, 3 * sizeof(std::int64_t));
  }
}

void finish_slab(std::int64_t* accumulator, std::int64_t radius, std::int64_t first_row, std::int64_t row_count,
                 const std::int64_t* column, double forward_scale, double weight_scale, float* weight) {
  const std::int64_t size_x = radius + 2;
  const std::int64_t side = 2 * radius + 3;
  const std::int64_t plane = side * size_x;
  AlignedArray<float> forward(2 * plane);
  auto* const memory = reinterpret_cast<char*>(accumulator);
  for (std::int64_t row = 0; row < row_count; ++row) {
#pragma omp parallel for schedule(static)
    for (std::int64_t z = 0; z < side; ++z) {
      const std::int64_t* const from = accumulator + 3 * (row * plane + z * size_x);
      const std::int64_t* const mate = column + 3 * ((side - 1 - first_row - row) * side + side - 1 - z);
      float* const forward_line = forward.data() + 2 * z * size_x;
      float* const weight_line = weight + row * plane + z * size_x;
      for (std::int64_t x = 0; x < size_x; ++x) {
        forward_line[2 * x] = static_cast<float>(static_cast<double>(from[3 * x]) / forward_scale);
        forward_line[2 * x + 1] = static_cast<float>(static_cast<double>(from[3 * x + 1]) / forward_scale);
        weight_line[x] = static_cast<float>(static_cast<double>(from[3 * x + 2]) / weight_scale);
      }
      forward_line[0] = static_cast<float>(static_cast<double>(from[0] + mate[0]) / forward_scale);
      forward_line[1] = static_cast<float>(static_cast<double>(from[1] - mate[1]) / forward_scale);
      weight_line[0] = static_cast<float>(static_cast<double>(from[2] + mate[2]) / weight_scale);
    }
    // F of rows up to this one fits where their integers, already read, were.
    const auto bytes = static_cast<std::size_t>(2 * plane) * sizeof(float);
    std::memcpy(memory + static_cast<std::size_t>(row) * bytes, forward.data(), bytes);
  }
}

void add_fixed(const std::int64_t* source, std::int64_t* target, std::int64_t count) noexcept {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < count; ++i) target[i] += source[i];
}

}  // namespace vitreous
