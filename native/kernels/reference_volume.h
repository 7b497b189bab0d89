#pragma once

#include <cstdint>

namespace vitreous {

// Map -> half-complex FourierBox of its padded transform, corrected for trilinear interpolation
// (src/device/ops/reference-volume.ts).
//   map     [n][n][n], n even
//   size    M = padding * n, even, >= n
//   radius  R of the box
//   volume  [2R+3][2R+3][R+2][2], overwritten
// Holds n (2R+3) (R+2) complex numbers while it runs. Throws std::bad_alloc before any work is done.
void reference_volume(const float* map, std::int64_t n, std::int64_t size, std::int64_t radius, float* volume);

}  // namespace vitreous
