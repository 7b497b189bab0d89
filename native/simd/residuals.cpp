#include "simd/residuals.h"

#include <omp.h>

#include "simd/merge_shifts.h"
#include "simd/slice_coordinates.h"
#include "simd/slice_patch.h"

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

// Some groups of eight neighbouring pixels: their points, and their places in the planes.
struct PlacedPoints {
  static constexpr std::int32_t most = PatchPoints::count / 8;
  PatchPoints points;
  std::int64_t place[most];
  std::int32_t count;
};

void add_points(const VoxelRows& voxels, float8 weight, const Scratch& scratch, PlacedPoints& placed) noexcept {
  for (std::int32_t i = 0; i < placed.count; ++i) interpolate8(voxels, 4, 8 * i, placed.points);
  for (std::int32_t i = 0; i < placed.count; ++i) {
    const std::int64_t place = placed.place[i];
    float8 re, im;
    slice8(placed.points, 8 * i, re, im);
    const float8 c = load8(scratch.re + place);
    const float8 d = load8(scratch.im + place);
    store8(scratch.mean_re + place, fma(c, re, fma(d, im, load8(scratch.mean_re + place))));
    store8(scratch.mean_im + place, fma(c, im, fma(-d, re, load8(scratch.mean_im + place))));
    store8(scratch.power + place, fma(weight, fma(re, re, im * im), load8(scratch.power + place)));
  }
  placed.count = 0;
}

// Adds one rotation to the means. The last group of a row may pass row_end: its columns repeat the last pixel and are read
// by nobody.
void add_rotation(const Residuals& args, const ResidualsPlan& plan, const double* exact_matrix, double weight,
                  const Scratch& scratch) noexcept {
  float matrix[6];
  for (int i = 0; i < 6; ++i) matrix[i] = static_cast<float>(exact_matrix[i]);
  const SliceVolume volume = {args.volume, static_cast<std::int32_t>(args.radius + 2),
                              static_cast<std::int32_t>(2 * args.radius + 3), static_cast<float>(args.radius + 1)};
  const VoxelRows voxels = voxel_rows(volume);
  const float8 weight8 = broadcast8(static_cast<float>(weight));
  PlacedPoints placed;
  placed.count = 0;
  for (std::int32_t row = 0; row <= 2 * plan.max_ky; ++row) {
    const auto ky = static_cast<float>(row - plan.max_ky);
    const float8 last_kx = broadcast8(static_cast<float>(plan.row_end[row] - 1));
    for (std::int32_t kx = plan.row_first[row] & ~7; kx < plan.row_end[row]; kx += 8) {
      const float8 columns = smaller(lane_numbers() + static_cast<float>(kx), last_kx);
      const float8 x = fma(columns, broadcast8(matrix[0]), broadcast8(matrix[1] * ky));
      const float8 y = fma(columns, broadcast8(matrix[2]), broadcast8(matrix[3] * ky));
      const float8 z = fma(columns, broadcast8(matrix[4]), broadcast8(matrix[5] * ky));
      locate8(volume, x, y, z, 8 * placed.count, placed.points);
      placed.place[placed.count++] = row * plan.row_stride + kx;
      if (placed.count == PlacedPoints::most) add_points(voxels, weight8, scratch, placed);
    }
  }
  add_points(voxels, weight8, scratch, placed);
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
