#include "simd/compare.h"

#include "simd/compare_rows.h"
#include "simd/compare_scores.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

VITREOUS_INLINE std::int64_t padded_rows(std::int64_t row_count) {
  return (row_count + row_block - 1) / row_block * row_block;
}

// products[panel of the group][row][16], the packed rows times panels [first_panel, last_panel). A chunk of pixels of the
// rows stays in the second-level cache while the panels pass, a block of pixels of a panel in the first while the rows pass.
void multiply_panels(const CompareJob& job, const ComparePlan& plan, const CompareScratch& scratch,
                     std::int64_t row_count, std::int64_t first_panel, std::int64_t last_panel) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t rows = padded_rows(row_count);
  const std::int64_t chunk_pixels = plan.cache_floats / (2 * rows) / pixel_block * pixel_block;
  const std::int64_t chunk = chunk_pixels > pixel_block ? chunk_pixels : pixel_block;
  for (std::int64_t chunk_first = 0; chunk_first < pixels; chunk_first += chunk) {
    const std::int64_t chunk_last = smaller(chunk_first + chunk, pixels);
    for (std::int64_t panel = first_panel; panel < last_panel; ++panel) {
      const float* values = job.slices + panel * pixels * pixel_stride;
      float* products = scratch.products + (panel - first_panel) * rows * panel_width;
      for (std::int64_t pixel = chunk_first; pixel < chunk_last; pixel += pixel_block) {
        const std::int64_t count = smaller(pixel_block, chunk_last - pixel);
        const float* packed = scratch.packed + 2 * pixel * rows;
        for (std::int64_t row = 0; row < rows; row += row_block, packed += 2 * count * row_block) {
          multiply<2>(packed, values + pixel * pixel_stride, count, pixel == 0, products + row * panel_width);
        }
      }
    }
  }
}

void run(const CompareJob& job, const ComparePlan& plan, const float* phase, const CompareScratch& scratch,
         std::int64_t first_image, std::int64_t last_image) {
  const std::int64_t pixels = job.pixel_count - job.first_pixel;
  const std::int64_t norm_rows = padded_rows(last_image - first_image);

  pack_norm_rows(job, first_image, last_image, scratch.norm_packed);
  for (std::int64_t panel = 0; panel < plan.panel_count; ++panel) {
    const float* power = job.slices + panel * pixels * pixel_stride + 2 * panel_width;
    for (std::int64_t row = 0; row < norm_rows; row += row_block) {
      multiply<1>(scratch.norm_packed + row * pixels, power, pixels, true,
                  scratch.norm + (panel * norm_rows + row) * panel_width);
    }
  }

  for (std::int64_t image = first_image; image < last_image; ++image) kept_of(job, image).order();
  PanelScores scores;
  for (std::int64_t first = first_image; first < last_image; first += plan.images_per_group) {
    const std::int64_t last = smaller(first + plan.images_per_group, last_image);
    const std::int64_t row_count = (last - first) * job.shift_count;
    whiten(job, first, last, scratch.whitened);
    pack_rows(scratch.whitened, phase, job.shift_count, pixels, row_count, scratch.packed);
    for (std::int64_t panel = 0; panel < plan.panel_count; ++panel) {
      const std::int64_t in_group = panel % plan.panels_per_group;
      if (in_group == 0) {
        multiply_panels(job, plan, scratch, row_count, panel,
                        smaller(panel + plan.panels_per_group, plan.panel_count));
      }
      for (std::int64_t image = first; image < last; ++image) {
        const float* norm = scratch.norm + (panel * norm_rows + image - first_image) * panel_width;
        float* products =
            scratch.products + (in_group * padded_rows(row_count) + (image - first) * job.shift_count) * panel_width;
        const float* log_prior = job.log_shift_prior + image * job.shift_count;
        if (job.profile_scale) {
          score_panel<true>(products, norm, log_prior, job.shift_count, scores);
        } else {
          score_panel<false>(products, norm, log_prior, job.shift_count, scores);
        }
        merge_panel(job, image, panel, norm, scores);
      }
    }
  }
}

}  // namespace

CompareKernel compare_kernel() noexcept { return {row_block, run}; }

}  // namespace vitreous::VITREOUS_SIMD_NS
