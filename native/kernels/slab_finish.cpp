#include "kernels/slab_finish.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/aligned_array.h"
#include "kernels/pages.h"
#include "kernels/thread_scratch.h"

namespace vitreous {

void hermitian_column(const std::int64_t* accumulator, std::int64_t radius, std::int64_t row_count,
                      std::int64_t* out) noexcept {
  const std::int64_t lines = row_count * (2 * radius + 3);
  for (std::int64_t line = 0; line < lines; ++line) {
    std::memcpy(out + 3 * line, accumulator + 3 * (radius + 2) * line, 3 * sizeof(std::int64_t));
  }
}

void claim_slab(std::int64_t* accumulator, std::int64_t radius, std::int64_t first_row, std::int64_t row_count) noexcept {
  const std::int64_t line_length = 3 * (radius + 2);
  const std::int64_t side = 2 * radius + 3;
  const std::int64_t edge = radius + 1;
  // The neighbours of a point within R lie within R + 2.
  const std::int64_t reach = (radius + 2) * (radius + 2);
#pragma omp parallel for schedule(dynamic, 4)
  for (std::int64_t row = 0; row < row_count; ++row) {
    const std::int64_t y = first_row + row - edge;
    const auto half = static_cast<std::int64_t>(std::sqrt(static_cast<double>(reach - y * y)));
    const std::int64_t first = row * side + std::max<std::int64_t>(0, edge - half);
    const std::int64_t end = row * side + std::min(side, edge + half + 1);
    claim_pages(reinterpret_cast<char*>(accumulator + first * line_length), reinterpret_cast<char*>(accumulator + end * line_length));
  }
}

namespace {

// One line of an accumulator to floats.
void convert_line(const std::int64_t* from, std::int64_t size_x, double forward_unit, double weight_unit, float* forward,
                  float* weight) noexcept {
  for (std::int64_t x = 0; x < size_x; ++x) {
    forward[2 * x] = static_cast<float>(static_cast<double>(from[3 * x]) * forward_unit);
    forward[2 * x + 1] = static_cast<float>(static_cast<double>(from[3 * x + 1]) * forward_unit);
    weight[x] = static_cast<float>(static_cast<double>(from[3 * x + 2]) * weight_unit);
  }
}

}  // namespace

void finish_slab(std::int64_t* accumulator, std::int64_t radius, std::int64_t first_row, std::int64_t row_count,
                 const std::int64_t* column, double forward_scale, double weight_scale, float* weight) {
  const std::int64_t size_x = radius + 2;
  const std::int64_t side = 2 * radius + 3;
  const std::int64_t plane = side * size_x;
  AlignedArray<float> forward(2 * plane);
  ThreadScratch<float> line_scratch(size_x);
  // The scales are powers of two: exact.
  const double forward_unit = 1 / forward_scale;
  const double weight_unit = 1 / weight_scale;
  auto* const memory = reinterpret_cast<char*>(accumulator);
  const auto bytes = static_cast<std::size_t>(2 * plane) * sizeof(float);
  char* dead = memory + static_cast<std::size_t>(row_count) * bytes;
  for (std::int64_t row = 0; row < row_count; ++row) {
#pragma omp parallel for schedule(static)
    for (std::int64_t z = 0; z < side; ++z) {
      const std::int64_t* const from = accumulator + 3 * (row * plane + z * size_x);
      const std::int64_t* const mate = column + 3 * ((side - 1 - first_row - row) * side + side - 1 - z);
      float* const forward_line = forward.data() + 2 * z * size_x;
      float* const weight_line = line_scratch.mine();
      convert_line(from, size_x, forward_unit, weight_unit, forward_line, weight_line);
      forward_line[0] = static_cast<float>(static_cast<double>(from[0] + mate[0]) * forward_unit);
      forward_line[1] = static_cast<float>(static_cast<double>(from[1] - mate[1]) * forward_unit);
      weight_line[0] = static_cast<float>(static_cast<double>(from[2] + mate[2]) * weight_unit);
      copy_unless_zero(weight_line, size_x, weight + row * plane + z * size_x);
    }
    // F of rows up to this one fits where their integers, already read, were.
    auto* const target = reinterpret_cast<float*>(memory + static_cast<std::size_t>(row) * bytes);
#pragma omp parallel for schedule(static)
    for (std::int64_t z = 0; z < side; ++z) {
      copy_unless_zero(forward.data() + 2 * z * size_x, 2 * size_x, target + 2 * z * size_x);
    }
    // Integers behind the last row of F are not needed again; T takes their place.
    char* const read = memory + 3 * static_cast<std::size_t>((row + 1) * plane) * sizeof(std::int64_t);
    if (read < dead + page_block) continue;
    give_back_pages(dead, read);
    dead = read - page_block;
  }
}

void add_fixed(const std::int64_t* source, std::int64_t* target, std::int64_t count) noexcept {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < count; ++i) target[i] += source[i];
}

void add_sums(const float* source, float* target, std::int64_t count) noexcept {
  constexpr std::int64_t piece = 1024;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < count; first += piece) {
    const std::int64_t length = count - first < piece ? count - first : piece;
    float sum[piece];
    for (std::int64_t i = 0; i < length; ++i) sum[i] = target[first + i] + source[first + i];
    copy_unless_zero(sum, length, target + first);
  }
}

}  // namespace vitreous
