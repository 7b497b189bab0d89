// The part of the gridding loop that a plane z needs on its own: along y and x to real space, times the kernel, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/padded_fft.h"
#include "kernels/row_blocks.h"

namespace vitreous {

class GriddingPlanes {
 public:
  // size M, edge e of the grid, radius of the kernel in padded voxels. Throws std::bad_alloc.
  GriddingPlanes(std::int64_t size, std::int64_t edge, double kernel_radius_px);

  // Planes z = first_plane ... of the half grid, [2e+1 rows][e+1 columns] each, in place; where row r of plane p lies is
  // blocks.offset(p, r).
  void smooth(fftwf_complex* grid, const RowBlocks& blocks, std::int64_t first_plane, std::int64_t plane_count);

 private:
  std::int64_t wrap(std::int64_t p) const noexcept { return p < 0 ? p + size_ : p; }
  void columns_to_real_space(const fftwf_complex* grid, const RowBlocks& blocks, std::int64_t index, fftwf_complex* plane);
  void columns_to_frequencies(const fftwf_complex* plane, fftwf_complex* grid, const RowBlocks& blocks, std::int64_t index);

  std::int64_t size_, edge_, columns_, half_;
  std::vector<float> kernel_;
  ThreadScratch<fftwf_complex> line_scratch_;
  ThreadScratch<float> row_scratch_;
  ThreadScratch<fftwf_complex> spectrum_scratch_;
  ThreadScratch<fftwf_complex> plane_scratch_;
  FftwPlan lines_forward_, lines_inverse_, row_forward_, row_inverse_;
};

}  // namespace vitreous
