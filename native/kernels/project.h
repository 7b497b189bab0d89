#pragma once

#include <cstdint>

namespace vitreous {

// One call of op `project` (src/device/ops/project.ts has the formulas). Pointers are borrowed for the call.
struct ProjectJob {
  const std::int32_t* band_kx;     // [>= pixel_count]
  const std::int32_t* band_ky;     // [>= pixel_count]
  const std::int32_t* band_shell;  // [>= pixel_count]

  const float* volume;  // [2R+3][2R+3][R+2][2], R = volume_radius_px
  std::int64_t volume_radius_px;
  double padding_factor;
  std::int64_t max_shell;

  const float* rotations;  // [rotation_count][4], w x y z
  std::int64_t rotation_count;
  std::int64_t first_pixel;
  std::int64_t pixel_count;
  bool is_panels;  // else planes
  float* out;      // panels [ceil(rotation_count / 16)][pixels][3][16], planes [rotation_count][2][pixels]; overwritten
};

// First two columns of padding·R of the 16 rotations of a panel, and what a slice is multiplied by: 1, 0 where the panel
// has no slice, NaN where the rotation is not finite (such a slice must not look like a good one).
struct PanelRotations {
  float column_x[3][16];  // padded voxels per unit of kx, axes x y z
  float column_y[3][16];
  float factor[16];
};

// Pixels [first, last) of a panel, written as [pixel][3][16] (simd/project.cpp).
using ProjectPixels = void (*)(const ProjectJob& job, const PanelRotations& rotations, std::int64_t first,
                               std::int64_t last, float* out);

// Runs the job with the calling thread's team, panels shared out, and instruction set.
void project(const ProjectJob& job) noexcept;

}  // namespace vitreous
