#pragma once

#include <cstdint>

#include "kernels/aligned_array.h"
#include "kernels/sampling_density.h"

namespace vitreous {

struct CompensationReport {
  std::int64_t iterations;
  double error;  // last max | |C| - 1 |
};

// The gridding loop of src/device/ops/reconstruct.ts: W with (D W) convolved with the kernel as near to 1 as it gets. The whole
// box in one process: the ranks' loop (slab_gridding.h) with one rank.
//   compensation  [2e+1 y][2e+1 z][e+1 x], e = density.edge(), overwritten with W (D over its mean)
//   size          M
// The loop holds (M/2 + 1)(2e+1)(e+1) complex numbers. Throws std::bad_alloc before any work is done.
CompensationReport compensate_density(const SamplingDensity& density, std::int64_t size, double kernel_radius_px,
                                      std::int64_t most_iterations, AlignedArray<float>& compensation);

}  // namespace vitreous
