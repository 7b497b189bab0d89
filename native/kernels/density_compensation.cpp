#include "kernels/density_compensation.h"

#include <limits>

#include "kernels/gridding_lines.h"
#include "kernels/gridding_planes.h"

namespace vitreous {

CompensationReport compensate_density(const SamplingDensity& density, std::int64_t size, double kernel_radius_px,
                                      std::int64_t most_iterations, AlignedArray<float>& compensation) {
  const std::int64_t edge = density.edge();
  const std::int64_t rows = 2 * edge + 1;
  const std::int64_t half = size / 2 + 1;
  GriddingLines lines(density, size);
  GriddingPlanes planes(size, edge, kernel_radius_px);
  const RowBlocks whole({0, rows}, half, edge + 1);
  AlignedArray<fftwf_complex> grid(half * rows * (edge + 1));
  lines.start(compensation.data());
  CompensationReport report{0, std::numeric_limits<double>::infinity()};
  int stalled = 0;
  while (report.iterations < most_iterations) {
    const double previous = report.error;
    lines.to_planes(compensation.data(), grid.data());
    planes.smooth(grid.data(), whole, 0, half);
    report.error = lines.from_planes(grid.data(), compensation.data());
    ++report.iterations;
    stalled = report.error > 0.95 * previous ? stalled + 1 : 0;
    if (report.error < 0.01 || (report.iterations >= 10 && stalled >= 2)) break;
  }
  return report;
}

}  // namespace vitreous
