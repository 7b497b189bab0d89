// Where a voxel of a Fourier box lies: the whole box as [z][y][x], or some of its rows y, as one rank holds them, as [y][z][x].
#pragma once

#include <cstdint>

namespace vitreous {

struct BoxLayout {
  std::int64_t radius;     // R: x = 0 ... R+1, |y|, |z| <= R+1
  std::int64_t first_row;  // y + R + 1 of the first row held
  std::int64_t row_count;
  std::int64_t stride_y;
  std::int64_t stride_z;

  std::int64_t index(std::int64_t x, std::int64_t y, std::int64_t z) const noexcept {
    return (y + radius + 1 - first_row) * stride_y + (z + radius + 1) * stride_z + x;
  }
  // y of a row held, counted from 0.
  std::int64_t y_of(std::int64_t row) const noexcept { return first_row + row - radius - 1; }
};

inline BoxLayout whole_box(std::int64_t radius) noexcept {
  const std::int64_t side = 2 * radius + 3;
  return {radius, 0, side, radius + 2, side * (radius + 2)};
}

inline BoxLayout box_rows(std::int64_t radius, std::int64_t first_row, std::int64_t row_count) noexcept {
  return {radius, first_row, row_count, (2 * radius + 3) * (radius + 2), radius + 2};
}

}  // namespace vitreous
