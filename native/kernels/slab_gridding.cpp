#include "kernels/slab_gridding.h"

#include "kernels/gridding_lines.h"
#include "kernels/gridding_planes.h"
#include "kernels/map_transform.h"

namespace vitreous {

namespace {

fftwf_complex* as_complex(float* values) { return reinterpret_cast<fftwf_complex*>(values); }
const fftwf_complex* as_complex(const float* values) { return reinterpret_cast<const fftwf_complex*>(values); }

}  // namespace

void gridding_to_planes(const SlabDensity& slab, bool is_first, float* compensation, float* grid) {
  const SamplingDensity density(slab.input, slab.mean, slab.shell_mean);
  GriddingLines lines(density, slab.input.size);
  if (is_first) lines.start(compensation);
  lines.to_planes(compensation, as_complex(grid));
}

void smooth_planes(std::int64_t size, std::int64_t edge, double kernel_radius_px, std::int64_t first_plane,
                   std::int64_t plane_count, const std::vector<std::int64_t>& row_starts, float* grid) {
  const RowBlocks blocks(row_starts, plane_count, edge + 1);
  GriddingPlanes(size, edge, kernel_radius_px).smooth(as_complex(grid), blocks, first_plane, plane_count);
}

void gridding_from_planes(const SlabDensity& slab, const float* grid, float* compensation, double* error) {
  const SamplingDensity density(slab.input, slab.mean, slab.shell_mean);
  *error = GriddingLines(density, slab.input.size).from_planes(as_complex(grid), compensation);
}

void slab_map_lines(const SlabDensity& slab, const float* forward, const float* compensation, std::int64_t box_px,
                    float* grid) {
  const SamplingDensity density(slab.input, slab.mean, slab.shell_mean);
  map_lines(forward, density, compensation, box_px, slab.input.size, as_complex(grid));
}

void slab_map_planes(const float* grid, std::int64_t box_px, std::int64_t size, std::int64_t edge,
                     std::int64_t first_plane, std::int64_t plane_count, const std::vector<std::int64_t>& row_starts,
                     float* map) {
  const RowBlocks blocks(row_starts, plane_count, edge + 1);
  map_planes(as_complex(grid), blocks, box_px, size, edge, first_plane, plane_count, map);
}

}  // namespace vitreous
