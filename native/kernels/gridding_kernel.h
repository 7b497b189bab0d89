#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

// Transform of the modified Kaiser-Bessel blob of order 0 (alpha = 15) over its value at the origin, by squared distance
// in voxels, 0 ... 3 (size/2)^2, times `factor` (src/device/reference/gridding-kernel.ts).
//   radius_px  of the blob in Fourier space, padded voxels
std::vector<float> gridding_kernel(std::int64_t size, double radius_px, double factor);

}  // namespace vitreous
