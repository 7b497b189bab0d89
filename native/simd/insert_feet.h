#pragma once

// Where a block of pixels of one slice lies in an accumulator. Include only from simd/*.cpp.

#include "kernels/insert.h"
#include "simd/slice_coordinates.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr std::int64_t block_length = 32;

// The feet of a block of pixels of one slice.
struct Feet {
  std::int64_t offset[block_length];  // of the lower corner within the accumulator
  double left[block_length];          // weights of the two columns
  double right[block_length];
  double corner[4][block_length];     // weights of the rows (y, z), (y + 1, z), (y, z + 1), (y + 1, z + 1)
};

// Lower feet lie within the planes [first_lower, last_lower], which only a rounding difference between here and
// place_pixels could leave: no thread writes outside its slab.
inline void find_feet(const SlicePixel* pixels, std::int64_t count, const double* matrix, std::int64_t radius,
               double first_lower, double last_lower, Feet& feet) noexcept {
  const auto edge = static_cast<double>(radius + 1);
  const auto size_x = static_cast<double>(radius + 2);
  const double plane_length = size_x * static_cast<double>(2 * radius + 3);
  for (std::int64_t i = 0; i < count; i += 4) {
    const int4 frequency = {pixels[i].frequency, pixels[i + 1].frequency, pixels[i + 2].frequency, pixels[i + 3].frequency};
    const double4 kx = __builtin_convertvector((frequency << 16) >> 16, double4);
    const double4 ky = __builtin_convertvector(frequency >> 16, double4);
    const double4 x = coordinate(matrix, kx, ky);
    const double4 y = coordinate(matrix + 2, kx, ky);
    const double4 z = coordinate(matrix + 4, kx, ky);
    const double4 lower_x = floor(x);
    const double4 lower_y = floor(y);
    double4 lower_z = floor(z) + edge;
    lower_z = lower_z < first_lower ? broadcast(first_lower) : lower_z;
    lower_z = lower_z > last_lower ? broadcast(last_lower) : lower_z;
    const double4 right = x - lower_x;
    const double4 upper_y = y - lower_y;
    const double4 upper_z = z - (lower_z - edge);
    store4(feet.offset + i, nearest(3.0 * fma(lower_z, broadcast(plane_length), fma(lower_y + edge, broadcast(size_x), lower_x))));
    store4(feet.left + i, 1.0 - right);
    store4(feet.right + i, right);
    store4(feet.corner[0] + i, (1.0 - upper_y) * (1.0 - upper_z));
    store4(feet.corner[1] + i, upper_y * (1.0 - upper_z));
    store4(feet.corner[2] + i, (1.0 - upper_y) * upper_z);
    store4(feet.corner[3] + i, upper_y * upper_z);
  }
}

}  // namespace

}  // namespace vitreous::VITREOUS_SIMD_NS
