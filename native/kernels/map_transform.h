// Inverse transform of F W, only the voxels of the map: lines along z of the rows held, then y and x plane by plane.
#pragma once

#include <cstdint>

#include "kernels/padded_fft.h"
#include "kernels/row_blocks.h"
#include "kernels/sampling_density.h"

namespace vitreous {

// F W along z. `forward` has density's layout; `compensation` [rows][2e+1 z][e+1 x] or null: W = 1/D.
//   grid  [N z][rows y][e+1 x], z in the order of the map. Throws std::bad_alloc.
void map_lines(const float* forward, const SamplingDensity& density, const float* compensation, std::int64_t box_px,
               std::int64_t size, fftwf_complex* grid);

// Planes z = first_plane ... of the map [plane_count][N][N], corrected for linear interpolation, from their rows; the row r of
// plane p lies at blocks.offset(p, r). Throws std::bad_alloc.
void map_planes(const fftwf_complex* grid, const RowBlocks& blocks, std::int64_t box_px, std::int64_t size,
                std::int64_t edge, std::int64_t first_plane, std::int64_t plane_count, float* map);

}  // namespace vitreous
