// The part of the gridding loop that a row y needs on its own: D W to lines along z, and lines along z to the next W.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/padded_fft.h"
#include "kernels/sampling_density.h"

namespace vitreous {

// Rows y of the grid that are held here, -edge <= y <= edge. Where a rank holds none, count is 0.
struct GridRows {
  std::int64_t first;
  std::int64_t count;
};

// The rows of `density`'s layout that lie in the grid.
GridRows grid_rows(const SamplingDensity& density) noexcept;

//   W     [rows y][2e+1 z][e+1 x], e = density.edge()
//   grid  [M/2 + 1 z][rows y][e+1 x]: D W transformed along z, of which half suffices: D is real and symmetric, so its
//         transform along z is Hermitian in z
class GriddingLines {
 public:
  // Throws std::bad_alloc.
  GriddingLines(const SamplingDensity& density, std::int64_t size);

  // W = 1 where D > 0.
  void start(float* compensation) const noexcept;
  void to_planes(const float* compensation, fftwf_complex* grid);
  // W <- W / |C|; returns max | |C| - 1 | over these rows, 0 without rows.
  double from_planes(const fftwf_complex* grid, float* compensation);

 private:
  std::int64_t wrap(std::int64_t p) const noexcept { return p < 0 ? p + size_ : p; }

  const SamplingDensity& density_;
  GridRows rows_;
  std::int64_t size_, edge_, columns_, half_;
  ThreadScratch<float> real_scratch_;
  ThreadScratch<fftwf_complex> line_scratch_;
  FftwPlan forward_, inverse_;
  std::vector<float> row_error_;
};

}  // namespace vitreous
