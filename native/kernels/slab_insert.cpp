#include "kernels/slab_insert.h"

#include <omp.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/raster_band.h"
#include "simd/dispatch.h"
#include "simd/insert.h"

namespace vitreous {

void extract_slices(const Insert& args, const std::int32_t* points, std::int64_t count, std::int64_t capacity,
                    SlicePixel* pixels, std::int32_t* plane_start, double* matrices) {
  require_rows("active", args.active, args.active_count, args.image_count);
  require_rows("group", args.group, args.image_count, args.group_count);
  require_rows("points", points, count, args.active_count * args.rotations_per_image);
  const RasterBand band = make_raster_band(args.band_kx, args.band_ky, args.band_shell, args.pixel_count, args.box_px,
                                           args.shell_count - 1, args.padding_factor, args.radius);
  InsertPlan plan{};
  take_band(plan, band);
  if (plan.column_count > capacity) {
    throw std::runtime_error("pixelCapacity: expected at least " + std::to_string(plan.column_count) + ", got " +
                             std::to_string(capacity));
  }
  plan.bin_count = 2 * args.radius + 3;
  plan.is_transposed = true;
  plan.slice_capacity = count;
  plan.slice_stride = capacity;
  plan.thread_count = omp_get_max_threads();
  VITREOUS_DISPATCH(size_scratch, plan);
  std::vector<std::int32_t> bin_of(static_cast<std::size_t>(plan.bin_count));
  std::iota(bin_of.begin(), bin_of.end(), 0);
  std::vector<float> thread_floats(static_cast<std::size_t>(plan.thread_count * plan.floats_per_thread));
  std::vector<std::int32_t> thread_integers(static_cast<std::size_t>(plan.thread_count * plan.integers_per_thread));
  plan.bin_of = bin_of.data();
  plan.pixels = pixels;
  plan.bin_start = plane_start;
  plan.matrices = matrices;
  plan.thread_floats = thread_floats.data();
  plan.thread_integers = thread_integers.data();
  const std::vector<std::int64_t> wide(points, points + count);
  std::int64_t failed_row = -1;
  VITREOUS_DISPATCH(extract_slices, args, plan, wide.data(), count, failed_row);
  require_entered(args, failed_row);
}

void add_slices_to_rows(const SlicePixel* pixels, const std::int32_t* row_start, const double* matrices,
                        std::int64_t count, std::int64_t radius, std::int64_t first_row, std::int64_t row_count,
                        std::int64_t* accumulator) {
  Insert args{};
  args.radius = radius;
  args.accumulator = accumulator;
  InsertPlan plan{};
  plan.bin_count = row_count + 1;
  plan.first_plane = first_row;
  plan.plane_count = row_count;
  plan.thread_count = omp_get_max_threads();
  // Integer sums: the bytes do not depend on the cut.
  plan.thickness = std::max<std::int64_t>(2, row_count / (4 * plan.thread_count));
  plan.slab_count = (row_count + plan.thickness - 1) / plan.thickness;
  // add_planes reads them only.
  plan.pixels = const_cast<SlicePixel*>(pixels);
  plan.bin_start = const_cast<std::int32_t*>(row_start);
  plan.matrices = const_cast<double*>(matrices);
  VITREOUS_DISPATCH(add_planes, args, plan, count);
}

}  // namespace vitreous
