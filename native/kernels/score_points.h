#pragma once

#include <cstdint>

namespace vitreous {

// Log-likelihood of each image's own (rotation, shift) points; src/device/ops/score-points.ts is the contract.
struct ScorePointsJob {
  std::int64_t box_px;
  std::int64_t band_pixel_count;
  const std::int32_t* band_kx;
  const std::int32_t* band_ky;
  const std::int32_t* band_shell;
  std::int64_t image_count;
  const float* images;          // [image][2][band_pixel_count]
  const float* ctf;             // [image][band_pixel_count] or null: 1
  const float* inverse_sigma2;  // [group][shell_count]
  std::int64_t group_count;
  std::int64_t shell_count;
  const std::int32_t* group;    // [image]
  const float* scale;           // [image]
  const float* volume;          // [size_z][size_y][size_x][2]
  std::int64_t volume_radius;
  double padding_factor;
  std::int64_t max_shell;
  const std::int32_t* active;   // [active_count]
  std::int64_t active_count;
  std::int64_t rotations_per_image;
  std::int64_t shifts_per_rotation;
  const float* rotations;       // [active_count][rotations_per_image][4]
  const float* shifts_px;       // [active_count][rotations_per_image][shifts_per_rotation][2]
  std::int64_t first_pixel;
  std::int64_t end_pixel;       // one past the last pixel compared
  float* out;                   // [active_count][rotations_per_image][shifts_per_rotation]
};

// Throws std::runtime_error where an index (active image, group, band) is out of range.
void score_points(const ScorePointsJob& job);

}  // namespace vitreous
