// The steps of a reconstruction on one rank's rows y and planes z; what lies between two steps is an exchange between ranks.
// Shapes as in src/device/ops/slab-gridding.ts. All throw std::bad_alloc before any work is done.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/sampling_density.h"

namespace vitreous {

struct SlabDensity {
  DensityInput input;
  double mean;
  const double* shell_mean;  // [max_shell + 1]
};

void gridding_to_planes(const SlabDensity& density, bool is_first, float* compensation, float* grid);

void smooth_planes(std::int64_t size, std::int64_t edge, double kernel_radius_px, std::int64_t first_plane,
                   std::int64_t plane_count, const std::vector<std::int64_t>& row_starts, float* grid);

void gridding_from_planes(const SlabDensity& density, const float* grid, float* compensation, double* error);

void slab_map_lines(const SlabDensity& density, const float* forward, const float* compensation, std::int64_t box_px,
                    float* grid);

void slab_map_planes(const float* grid, std::int64_t box_px, std::int64_t size, std::int64_t edge,
                     std::int64_t first_plane, std::int64_t plane_count, const std::vector<std::int64_t>& row_starts,
                     float* map);

}  // namespace vitreous
