#include "simd/residuals.h"

#include <omp.h>

#include "simd/merge_shifts.h"
#include "simd/slice_coordinates.h"
#include "simd/slice_rows.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

Plane plane_of(const ResidualsPlan& plan, std::int64_t box_px) noexcept {
  return {box_px, plan.max_kx, plan.max_ky, plan.row_stride, plan.row_first, plan.row_end};
}

std::int64_t plane_length(const ResidualsPlan& plan) noexcept {
  return plan.row_stride * (2 * std::int64_t{plan.max_ky} + 1);
}

// One thread's scratch, all but `tables` planes of the band.
struct Scratch {
  float* re;  // shifts of a rotation, merged
  float* im;
  float* mean_re;  // sum over rotations of conj(merged shifts) S
  float* mean_im;
  float* power;  // sum over rotations of weight |S|^2
  float* tables;
};

Scratch scratch_of(const ResidualsPlan& plan, std::int64_t thread) noexcept {
  const std::int64_t length = plane_length(plan);
  float* const floats = plan.thread_floats + thread * plan.floats_per_thread;
  return {floats, floats + length, floats + 2 * length, floats + 3 * length, floats + 4 * length, floats + 5 * length};
}

// Where eight neighbouring pixels of a row lie in the volume.
VITREOUS_INLINE void locate8(const float* matrix, float8 kx, float ky, float edge, std::int32_t size_x,
                             BlockPoints& points) noexcept {
  float8 x = fma(kx, broadcast8(matrix[0]), broadcast8(matrix[1] * ky));
  float8 y = fma(kx, broadcast8(matrix[2]), broadcast8(matrix[3] * ky));
  float8 z = fma(kx, broadcast8(matrix[4]), broadcast8(matrix[5] * ky));
  const int32x8 mate = (x < 0.0f) & static_cast<std::int32_t>(0x80000000);
  x = from_bits(bits(x) ^ mate);
  y = from_bits(bits(y) ^ mate) + edge;
  z = from_bits(bits(z) ^ mate) + edge;
  const float8 x0 = truncated(x);
  const float8 y0 = truncated(y);
  const float8 z0 = truncated(z);
  const int32x8 row = to_int(fma(z0, broadcast8(2 * edge + 1), y0));  // exact: below 2^24 rows
  store8(points.voxel, row * size_x + to_int(x0));
  store8(points.fx, x - x0);
  store8(points.fy, y - y0);
  store8(points.fz, z - z0);
  store8(points.mate, mate);
}

// Adds one rotation to the means. The last group of a row may pass row_end: its columns repeat the last pixel and are read
// by nobody.
void add_rotation(const Residuals& args, const ResidualsPlan& plan, const double* exact_matrix, double weight,
                  const Scratch& scratch) noexcept {
  float matrix[6];
  for (int i = 0; i < 6; ++i) matrix[i] = static_cast<float>(exact_matrix[i]);
  const auto size_x = static_cast<std::int32_t>(args.radius + 2);
  const auto edge = static_cast<float>(args.radius + 1);
  const std::int64_t step_y = 2 * std::int64_t{size_x};
  const std::int64_t step_z = step_y * (2 * args.radius + 3);
  const VoxelRows rows = {{args.volume, args.volume + step_y, args.volume + step_z, args.volume + step_z + step_y}};
  const float8 weight8 = broadcast8(static_cast<float>(weight));
  BlockPoints points;
  for (std::int32_t ky = -plan.max_ky; ky <= plan.max_ky; ++ky) {
    const std::int32_t row = ky + plan.max_ky;
    const float8 last_kx = broadcast8(static_cast<float>(plan.row_end[row] - 1));
    for (std::int32_t kx = plan.row_first[row] & ~7; kx < plan.row_end[row]; kx += 8) {
      const float8 columns = smaller(lane_numbers() + static_cast<float>(kx), last_kx);
      locate8(matrix, columns, static_cast<float>(ky), edge, size_x, points);
      float8 re, im;
      fetch8(rows, points, 0, re, im);
      const std::int64_t place = row * plan.row_stride + kx;
      const float8 c = load8(scratch.re + place);
      const float8 d = load8(scratch.im + place);
      store8(scratch.mean_re + place, fma(c, re, fma(d, im, load8(scratch.mean_re + place))));
      store8(scratch.mean_im + place, fma(c, im, fma(-d, re, load8(scratch.mean_im + place))));
      store8(scratch.power + place, fma(weight8, fma(re, re, im * im), load8(scratch.power + place)));
    }
  }
}

// False where a rotation is none.
bool sum_row(const Residuals& args, const ResidualsPlan& plan, std::int64_t row, const Scratch& scratch) noexcept {
  const std::int64_t image = args.active[row];
  const std::int64_t length = plane_length(plan);
  for (std::int64_t i = 0; i < 3 * length; ++i) scratch.mean_re[i] = 0;
  double total = 0;
  for (std::int64_t m = 0; m < args.rotations_per_image; ++m) {
    const std::int64_t point = row * args.rotations_per_image + m;
    const std::int64_t first = point * args.shifts_per_rotation;
    const double weight = merge_shifts(plane_of(plan, args.box_px), args.weights + first, args.shifts_px + 2 * first,
                                       args.shifts_per_rotation, scratch.re, scratch.im, scratch.tables);
    if (weight == 0) continue;
    double matrix[6];
    if (!slice_matrix(args.rotations + 4 * point, args.padding_factor, matrix)) return false;
    total += weight;
    add_rotation(args, plan, matrix, weight, scratch);
  }

  double* const residual = args.out + 3 * row * args.shell_count;
  double* const cross = residual + args.shell_count;
  double* const power = cross + args.shell_count;
  for (std::int64_t i = 0; i < 3 * args.shell_count; ++i) residual[i] = 0;
  const float* const re = args.images + 2 * image * args.band_pixel_count;
  const float* const im = re + args.band_pixel_count;
  for (std::int64_t pixel = 0; pixel < args.band_pixel_count; ++pixel) {
    if (args.band_shell[pixel] >= args.shell_count) continue;
    const double x_re = static_cast<double>(re[pixel]);
    const double x_im = static_cast<double>(im[pixel]);
    residual[args.band_shell[pixel]] += x_re * x_re + x_im * x_im;
  }
  const float* const ctf = args.ctf ? args.ctf + image * args.band_pixel_count : nullptr;
  for (std::int64_t pixel = 0; pixel < plan.pixel_count; ++pixel) {
    const std::int32_t source = plan.source[pixel];
    const std::int32_t place = plan.place[pixel];
    const std::int32_t shell = args.band_shell[source];
    const double c = ctf ? static_cast<double>(ctf[source]) : 1.0;
    const double matched = static_cast<double>(re[source]) * static_cast<double>(scratch.mean_re[place]) +
                           static_cast<double>(im[source]) * static_cast<double>(scratch.mean_im[place]);
    cross[shell] += c * matched;
    power[shell] += c * c * static_cast<double>(scratch.power[place]);
  }
  const double scale = static_cast<double>(args.scale[image]);
  for (std::int64_t shell = 0; shell < args.shell_count; ++shell) {
    // An image without weight gives zeros, whatever its pixels are.
    if (total == 0) cross[shell] = power[shell] = 0;
    residual[shell] = total == 0 ? 0 : total * residual[shell] - 2 * scale * cross[shell] + scale * scale * power[shell];
  }
  return true;
}

}  // namespace

void size_residuals(ResidualsPlan& plan) noexcept {
  plan.floats_per_thread = 5 * plane_length(plan) + phase_table_length(plane_of(plan, 1));
}

void sum_residuals(const Residuals& args, const ResidualsPlan& plan, std::int64_t& failed_row) noexcept {
  std::int64_t failed = -1;
#pragma omp parallel
  {
    const Scratch scratch = scratch_of(plan, omp_get_thread_num());
#pragma omp for schedule(static)
    for (std::int64_t row = 0; row < args.active_count; ++row) {
      if (sum_row(args, plan, row, scratch)) continue;
#pragma omp critical(vitreous_residuals_failed)
      if (failed < 0 || row < failed) failed = row;
    }
  }
  failed_row = failed;
}

}  // namespace vitreous::VITREOUS_SIMD_NS
