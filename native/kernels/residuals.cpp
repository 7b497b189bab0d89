#include "kernels/residuals.h"

#include <omp.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/raster_band.h"
#include "simd/dispatch.h"
#include "simd/residuals.h"

namespace vitreous {

void residuals(const Residuals& args) {
  require_rows("active", args.active, args.active_count, args.image_count);
  const RasterBand band =
      make_raster_band(args.band_kx, args.band_ky, args.band_shell, args.band_pixel_count, args.box_px,
                       std::min(args.max_shell, args.shell_count - 1), args.padding_factor, args.radius);
  ResidualsPlan plan{};
  plan.pixel_count = band.pixel_count();
  plan.source = band.source.data();
  plan.place = band.place.data();
  plan.max_kx = band.max_kx;
  plan.max_ky = band.max_ky;
  plan.row_stride = band.row_stride;
  plan.row_first = band.row_first.data();
  plan.row_end = band.row_end.data();
  VITREOUS_DISPATCH(size_residuals, plan);
  const std::int64_t thread_count = omp_get_max_threads();
  std::vector<float> thread_floats(static_cast<std::size_t>(thread_count * plan.floats_per_thread));
  plan.thread_floats = thread_floats.data();
  std::int64_t failed_row = -1;
  VITREOUS_DISPATCH(sum_residuals, args, plan, failed_row);
  if (failed_row >= 0) {
    throw std::runtime_error("row " + std::to_string(failed_row) + " (image " + std::to_string(args.active[failed_row]) +
                             "): expected unit quaternions where the weight is not 0. Give such points weight 0.");
  }
}

}  // namespace vitreous
