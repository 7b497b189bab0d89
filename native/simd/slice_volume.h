#pragma once

#include <cstdint>

namespace vitreous {

// A reference as the kernels that cut slices see it.
struct SliceVolume {
  const float* voxels;  // [size_z][size_y][size_x][2]
  std::int32_t size_x;
  std::int32_t size_y;
  float border;  // index of the origin along y and z
};

// padding R (kx, ky, 0): the first two columns of the rotation, in padded voxels.
struct SlicePlane {
  float kx[3];
  float ky[3];
};

}  // namespace vitreous
