#include "kernels/compare_cells.h"

#include <stdexcept>
#include <string>

#include "kernels/aligned_array.h"
#include "kernels/phase_rows.h"
#include "kernels/thread_scratch.h"
#include "simd/compare_cells.h"
#include "simd/dispatch.h"

namespace vitreous {

namespace {

CompareCellsOfImage kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::compare_cells_of_image;
    case Isa::avx2: return avx2::compare_cells_of_image;
    case Isa::sse2: break;
  }
  return sse2::compare_cells_of_image;
}

void require_range(const char* name, const std::int32_t* values, std::int64_t count, std::int64_t lowest,
                   std::int64_t limit) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] >= lowest && values[i] < limit) continue;
    throw std::runtime_error(std::string(name) + "[" + std::to_string(i) + "]: expected " + std::to_string(lowest) +
                             " to " + std::to_string(limit - 1) + ", got " + std::to_string(values[i]) + ".");
  }
}

void check(const CompareCellsJob& job) {
  require_range("cellSlice", job.cell_slice, job.cell_count, 0, job.slice_count);
  require_range("cellShift", job.cell_shift, job.cell_count, 0, job.shift_count);
  require_range("neighbours", job.neighbours, job.shift_count * job.neighbour_count, -1, job.shift_count);
  std::int64_t before = 0;
  for (std::int64_t image = 0; image <= job.image_count; ++image) {
    const std::int64_t start = job.cell_start[image];
    if (start < before || start > job.cell_count || (image == 0 && start != 0)) {
      throw std::runtime_error("cellStart[" + std::to_string(image) + "]: expected a rising count from 0 to " +
                               std::to_string(job.cell_count) + ", got " + std::to_string(start) + ".");
    }
    before = start;
  }
}

}  // namespace

void compare_cells(const CompareCellsJob& job) {
  check(job);
  if (job.image_count == 0 || job.cell_count == 0) return;
  const std::int64_t stride = padded_pixels(job.pixel_count - job.first_pixel);
  AlignedArray<float> phase(job.shift_count * 2 * stride);
  fill_phase_rows(job.band_kx, job.band_ky, job.first_pixel, job.pixel_count - job.first_pixel, job.box_px,
                  job.shifts_px, job.shift_count, stride, phase.data());
  ThreadScratch<float> memory(5 * stride + padded_pixels(job.neighbour_count));
  const CompareCellsOfImage kernel = kernel_in_force();
  // Dynamic is safe: an image's results depend on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t image = 0; image < job.image_count; ++image) {
    if (job.cell_start[image] == job.cell_start[image + 1]) continue;
    float* const own = memory.mine();
    kernel(job, phase.data(), {own, own + 3 * stride, own + 5 * stride}, image);
  }
}

}  // namespace vitreous
