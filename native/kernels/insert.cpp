#include "kernels/insert.h"

#include <omp.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/raster_band.h"
#include "kernels/tile_insert.h"
#include "simd/dispatch.h"
#include "simd/insert.h"

namespace vitreous {

namespace {

constexpr std::int64_t batch_bytes = 16 << 20;  // pixels of one batch of slices
constexpr std::int64_t slab_bytes = 2 << 20;    // of the accumulator: two threads' slabs stay in an 8 MiB third-level cache

// The points that add something: a weight other than 0 on an image whose weight is not 0. Those of clusters have been added.
std::vector<std::int64_t> points_in_use(const Insert& args, const std::vector<std::int32_t>& is_loose) {
  std::vector<std::int64_t> points;
  for (std::int64_t row = 0; row < args.active_count; ++row) {
    if (args.image_weight[args.active[row]] == 0) continue;
    for (std::int64_t m = 0; m < args.rotations_per_image; ++m) {
      const std::int64_t point = row * args.rotations_per_image + m;
      if (!is_loose.empty() && is_loose[static_cast<std::size_t>(point)] == 0) continue;
      const float* weights = args.weights + point * args.shifts_per_rotation;
      const bool is_used = std::any_of(weights, weights + args.shifts_per_rotation, [](float w) { return w != 0; });
      if (is_used) points.push_back(point);
    }
  }
  return points;
}

// A lower foot in the last plane of a slab reaches into the next one: a bin of its own.
std::vector<std::int32_t> bins_of_planes(std::int64_t size_z, std::int64_t thickness) {
  std::vector<std::int32_t> bins;
  for (std::int64_t z = 0; z < size_z; ++z) {
    bins.push_back(static_cast<std::int32_t>(2 * (z / thickness) + (z % thickness == thickness - 1 ? 1 : 0)));
  }
  return bins;
}

}  // namespace

void take_band(InsertPlan& plan, const RasterBand& band) noexcept {
  plan.pixel_count = band.pixel_count();
  plan.column_count = band.column_count();
  plan.source = band.source.data();
  plan.place = band.place.data();
  plan.max_kx = band.max_kx;
  plan.max_ky = band.max_ky;
  plan.row_stride = band.row_stride;
  plan.row_first = band.row_first.data();
  plan.row_end = band.row_end.data();
}

void require_entered(const Insert& args, std::int64_t failed_row) {
  if (failed_row < 0) return;
  throw std::runtime_error("row " + std::to_string(failed_row) + " (image " + std::to_string(args.active[failed_row]) +
                           "): expected finite values below 2^51 after scaling. Reject the image, or choose smaller scales.");
}

void insert(const Insert& args) {
  require_rows("active", args.active, args.active_count, args.image_count);
  require_rows("group", args.group, args.image_count, args.group_count);
  const RasterBand band = make_raster_band(args.band_kx, args.band_ky, args.band_shell, args.pixel_count, args.box_px,
                                           args.shell_count - 1, args.padding_factor, args.radius);
  if (band.pixel_count() == 0) return;
  std::vector<std::int32_t> is_loose;
  if (args.rotations_per_image >= least_cluster) {
    is_loose.resize(static_cast<std::size_t>(args.active_count * args.rotations_per_image));
    insert_clusters(args, is_loose.data());
  }
  const std::vector<std::int64_t> points = points_in_use(args, is_loose);
  if (points.empty()) return;

  const std::int64_t size_z = 2 * args.radius + 3;
  const std::int64_t plane_bytes = size_z * (args.radius + 2) * 24;
  InsertPlan plan{};
  // Integer sums: the bytes do not depend on the cut, so it may depend on the threads.
  const std::int64_t even_share = size_z / (4 * omp_get_max_threads());
  plan.thickness = std::max<std::int64_t>(2, std::min(slab_bytes / plane_bytes, even_share));
  plan.slab_count = (size_z + plan.thickness - 1) / plan.thickness;
  plan.bin_count = 2 * plan.slab_count;
  plan.plane_count = size_z;
  take_band(plan, band);
  plan.slice_stride = plan.column_count;
  const std::int64_t fitting = batch_bytes / (plan.column_count * static_cast<std::int64_t>(sizeof(SlicePixel)));
  plan.slice_capacity = std::clamp<std::int64_t>(fitting, 1, static_cast<std::int64_t>(points.size()));
  plan.thread_count = omp_get_max_threads();
  VITREOUS_DISPATCH(size_scratch, plan);

  const auto sized = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  const std::vector<std::int32_t> bin_of = bins_of_planes(size_z, plan.thickness);
  std::vector<SlicePixel> pixels(sized(plan.slice_capacity * plan.column_count + 3));
  std::vector<std::int32_t> bin_start(sized(plan.slice_capacity * (plan.bin_count + 1)));
  std::vector<double> matrices(sized(plan.slice_capacity * 6));
  std::vector<float> thread_floats(sized(plan.thread_count * plan.floats_per_thread));
  std::vector<std::int32_t> thread_integers(sized(plan.thread_count * plan.integers_per_thread));
  plan.bin_of = bin_of.data();
  plan.pixels = pixels.data();
  plan.bin_start = bin_start.data();
  plan.matrices = matrices.data();
  plan.thread_floats = thread_floats.data();
  plan.thread_integers = thread_integers.data();

  std::int64_t failed_row = -1;
  const auto point_count = static_cast<std::int64_t>(points.size());
  for (std::int64_t first = 0; first < point_count; first += plan.slice_capacity) {
    const std::int64_t count = std::min(plan.slice_capacity, point_count - first);
    VITREOUS_DISPATCH(extract_slices, args, plan, points.data() + first, count, failed_row);
    require_entered(args, failed_row);
    VITREOUS_DISPATCH(add_slices, args, plan, count);
  }
}

}  // namespace vitreous
