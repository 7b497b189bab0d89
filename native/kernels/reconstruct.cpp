#include "kernels/reconstruct.h"

#include <memory>

#include "kernels/density_compensation.h"
#include "kernels/map_transform.h"
#include "kernels/sampling_density.h"

namespace vitreous {

void reconstruct(const Reconstruct& input) {
  const DensityInput density_input{.weight = input.weight,
                                   .layout = whole_box(input.radius),
                                   .size = input.size,
                                   .padding = input.padding,
                                   .max_shell = input.max_shell,
                                   .prior = input.prior,
                                   .floor_share = floor_share_of(input.gridding_iterations)};
  const DensityMeans means = density_means(density_input);
  const SamplingDensity density(density_input, means.mean, means.shell.data());
  const std::int64_t edge = density.edge();
  const std::int64_t rows = 2 * edge + 1;
  std::unique_ptr<AlignedArray<float>> compensation;
  CompensationReport report{0, 0};
  if (input.gridding_iterations > 0) {
    compensation = std::make_unique<AlignedArray<float>>(rows * rows * (edge + 1));
    report = compensate_density(density, input.size, 1.9 * input.padding, input.gridding_iterations, *compensation);
  }
  AlignedArray<fftwf_complex> grid(input.box_px * rows * (edge + 1));
  map_lines(input.forward, density, compensation ? compensation->data() : nullptr, input.box_px, input.size, grid.data());
  const RowBlocks whole({0, rows}, input.box_px, edge + 1);
  map_planes(grid.data(), whole, input.box_px, input.size, edge, 0, input.box_px, input.map);
  if (input.report != nullptr) {
    input.report[0] = static_cast<double>(report.iterations);
    input.report[1] = report.error;
  }
}

}  // namespace vitreous
