#pragma once

#include <cstdint>

namespace vitreous {

// Posterior-weighted residual, cross term and power per image and shell; src/device/ops/residuals.ts is the contract.
struct Residuals {
  std::int64_t box_px;
  std::int64_t band_pixel_count;
  const std::int32_t* band_kx;
  const std::int32_t* band_ky;
  const std::int32_t* band_shell;
  std::int64_t image_count;
  const float* images;         // [image][2][band_pixel_count]
  const float* ctf;            // [image][band_pixel_count] or null: 1
  std::int64_t shell_count;
  const float* scale;          // [image]
  const float* volume;         // [size_z][size_y][size_x][2]
  std::int64_t radius;
  double padding_factor;
  std::int64_t max_shell;
  const std::int32_t* active;  // [active_count]
  std::int64_t active_count;
  std::int64_t rotations_per_image;
  std::int64_t shifts_per_rotation;
  const float* rotations;      // [active_count][rotations_per_image][4]
  const float* shifts_px;      // [active_count][rotations_per_image][shifts_per_rotation][2]
  const float* weights;        // [active_count][rotations_per_image][shifts_per_rotation]
  double* out;                 // [active_count][3][shell_count], overwritten
};

// Throws std::runtime_error where an index is out of range or a rotation with weight is not a rotation.
void residuals(const Residuals& args);

// The pixels that the reference reaches, and scratch. The size of one thread's scratch comes from size_residuals.
struct ResidualsPlan {
  std::int64_t pixel_count;
  const std::int32_t* source;
  const std::int32_t* place;
  std::int32_t max_kx;
  std::int32_t max_ky;
  std::int64_t row_stride;
  const std::int32_t* row_first;
  const std::int32_t* row_end;
  float* thread_floats;
  std::int64_t floats_per_thread;
};

}  // namespace vitreous
