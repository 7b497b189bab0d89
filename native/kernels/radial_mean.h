#pragma once

#include <cstdint>

namespace vitreous {

// Mean of a real Fourier box per shell round(|p| / padding_factor), |p| <= R, x > 0 counted twice;
// src/device/ops/radial-mean.ts.
//   weight  [size_z][size_y][size_x] of the Fourier box of radius R
//   out     [shell_count], overwritten; 0 for a shell without a voxel
void radial_mean(const float* weight, std::int64_t radius, double padding_factor, std::int64_t shell_count, double* out);

}  // namespace vitreous
