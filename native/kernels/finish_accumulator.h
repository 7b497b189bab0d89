#pragma once

#include <cstdint>

namespace vitreous {

// Fixed point to float, with the plane x = 0 completed by its Hermitian mates; src/device/ops/finish-accumulator.ts.
//   accumulator  [size_z][size_y][size_x][3] of the Fourier box of radius R: size_x = R + 2, size_y = size_z = 2 R + 3
//   forward      [size_z][size_y][size_x][2], overwritten
//   weight       [size_z][size_y][size_x], overwritten
void finish_accumulator(const std::int64_t* accumulator, std::int64_t radius, double forward_scale, double weight_scale,
                        float* forward, float* weight) noexcept;

}  // namespace vitreous
