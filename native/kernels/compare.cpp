#include "kernels/compare.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "kernels/aligned_array.h"
#include "kernels/phase_rows.h"
#include "kernels/thread_scratch.h"
#include "simd/compare.h"
#include "simd/dispatch.h"

namespace vitreous {

namespace {

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

// Images side by side, so that few rows of the last row block are padding and every slice read from memory meets at
// least some 150 rows; but not so many that the cache holds less than a pixel block of the packed rows, or threads idle.
std::int64_t choose_images_per_group(const CompareJob& job, std::int64_t row_block) {
  constexpr double enough_rows = 150.0;
  constexpr std::int64_t most_rows = 300;
  const std::int64_t most_images = job.image_count / (2 * omp_get_max_threads());
  std::int64_t best = 1;
  double best_cost = INFINITY;
  for (std::int64_t images = 1; images <= std::max<std::int64_t>(most_images, 1); ++images) {
    const std::int64_t padded = round_up(images * job.shift_count, row_block);
    if (images > 1 && padded > most_rows) break;
    const double rows = static_cast<double>(images * job.shift_count);
    // Padding costs its share of the arithmetic; too few rows cost up to as much again for reading slices.
    const double cost = static_cast<double>(padded) / rows + 0.2 * std::max(enough_rows / rows, 1.0);
    if (cost < best_cost - 1e-3) {
      best = images;
      best_cost = cost;
    }
  }
  return best;
}

ComparePlan make_plan(const CompareJob& job, std::int64_t row_block) {
  const std::int64_t threads = omp_get_max_threads();
  ComparePlan plan{};
  plan.panel_count = (job.slice_count + 15) / 16;
  plan.row_block = row_block;
  plan.images_per_group = choose_images_per_group(job, row_block);
  plan.panels_per_group = 16;
  plan.cache_floats = 64 * 1024;
  // Norms are one row per image: a block of two row blocks wastes little of the micro-kernel, unless threads would idle.
  plan.images_per_block = round_up(2 * row_block, plan.images_per_group);
  while (plan.images_per_block > plan.images_per_group && plan.images_per_block * 2 * threads > job.image_count) {
    plan.images_per_block -= plan.images_per_group;
  }
  return plan;
}

CompareKernel kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::compare_kernel();
    case Isa::avx2: return avx2::compare_kernel();
    case Isa::sse2: break;
  }
  return sse2::compare_kernel();
}

}  // namespace

void compare(const CompareJob& job) {
  if (job.image_count == 0 || job.slice_count == 0 || job.shift_count == 0) return;
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const CompareKernel kernel = kernel_in_force();
  const ComparePlan plan = make_plan(job, kernel.row_block);

  AlignedArray<float> phase(job.shift_count * 2 * pixels);
  fill_phase_rows(job.band_kx, job.band_ky, job.first_pixel, pixels, job.box_px, job.shifts_px, job.shift_count, pixels,
                  phase.data());

  const std::int64_t rows = round_up(plan.images_per_group * job.shift_count, plan.row_block);
  const std::int64_t norm_rows = round_up(plan.images_per_block, plan.row_block);
  const std::int64_t whitened_length = round_up(plan.images_per_group * 2 * pixels, 16);
  const std::int64_t packed_length = round_up(rows * 2 * pixels, 16);
  const std::int64_t norm_packed_length = round_up(norm_rows * pixels, 16);
  const std::int64_t norm_length = norm_rows * plan.panel_count * 16;
  ThreadScratch<float> memory(whitened_length + packed_length + norm_packed_length + norm_length +
                              plan.panels_per_group * rows * 16);

  // Dynamic is safe: an image's results depend on no other image.
  const std::int64_t blocks = (job.image_count + plan.images_per_block - 1) / plan.images_per_block;
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t block = 0; block < blocks; ++block) {
    CompareScratch scratch{};
    scratch.whitened = memory.mine();
    scratch.packed = scratch.whitened + whitened_length;
    scratch.norm_packed = scratch.packed + packed_length;
    scratch.norm = scratch.norm_packed + norm_packed_length;
    scratch.products = scratch.norm + norm_length;
    const std::int64_t first = block * plan.images_per_block;
    kernel.run(job, plan, phase.data(), scratch, first, std::min(first + plan.images_per_block, job.image_count));
  }
}

}  // namespace vitreous
