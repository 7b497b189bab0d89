#include "simd/residuals.h"

#include <omp.h>

#include "simd/merge_shifts.h"
#include "simd/slice_coordinates.h"

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
  float* image_re;  // CTF × image
  float* image_im;
  float* ctf_squared;
  float* re;
  float* im;
  float* tables;
  double* cross;
  double* power;
};

Scratch scratch_of(const ResidualsPlan& plan, std::int64_t thread) noexcept {
  const std::int64_t length = plane_length(plan);
  float* const floats = plan.thread_floats + thread * plan.floats_per_thread;
  double* const doubles = plan.thread_doubles + thread * plan.doubles_per_thread;
  return {floats,
          floats + length,
          floats + 2 * length,
          floats + 3 * length,
          floats + 4 * length,
          floats + 5 * length,
          doubles,
          doubles + length};
}

void load_image(const Residuals& args, const ResidualsPlan& plan, std::int64_t image, const Scratch& scratch) noexcept {
  const float* const re = args.images + 2 * image * args.band_pixel_count;
  const float* const im = re + args.band_pixel_count;
  const float* const ctf = args.ctf ? args.ctf + image * args.band_pixel_count : nullptr;
  for (std::int64_t pixel = 0; pixel < plan.pixel_count; ++pixel) {
    const std::int32_t source = plan.source[pixel];
    const std::int32_t place = plan.place[pixel];
    const float c = ctf ? ctf[source] : 1.0f;
    scratch.image_re[place] = c * re[source];
    scratch.image_im[place] = c * im[source];
    scratch.ctf_squared[place] = c * c;
  }
  const std::int64_t length = plane_length(plan);
  for (std::int64_t place = 0; place < length; ++place) scratch.cross[place] = scratch.power[place] = 0;
}

// Four trilinear samples, conjugated where x < 0.
struct Samples {
  float4 re;
  float4 im;
};

VITREOUS_INLINE Samples sample(const Residuals& args, double4 x, double4 y, double4 z) noexcept {
  const std::int64_t row_length = 2 * (args.radius + 2);
  const std::int64_t volume_plane = row_length * (2 * args.radius + 3);
  const auto edge = static_cast<double>(args.radius + 1);
  const auto size_x = static_cast<double>(args.radius + 2);
  const long4 flip = x < 0.0;
  const double4 px = from_bits(bits(x) ^ (flip << 63));
  const double4 py = from_bits(bits(y) ^ (flip << 63));
  const double4 pz = from_bits(bits(z) ^ (flip << 63));
  const double4 lower_x = floor(px);
  const double4 lower_y = floor(py);
  const double4 lower_z = floor(pz);
  const long4 offset = nearest(
      2.0 * (((lower_z + edge) * (2 * edge + 1) + lower_y + edge) * size_x + lower_x));
  const double4 upper_x = px - lower_x;
  const double4 upper_y = py - lower_y;
  const double4 upper_z = pz - lower_z;
  Samples samples;
  for (int lane = 0; lane < 4; ++lane) {
    const float* const corner = args.volume + offset[lane];
    const auto wx = static_cast<float>(upper_x[lane]);
    const auto wy = static_cast<float>(upper_y[lane]);
    const auto wz = static_cast<float>(upper_z[lane]);
    const float4 near = load4(corner) * (1 - wy) + load4(corner + row_length) * wy;
    const float4 far = load4(corner + volume_plane) * (1 - wy) + load4(corner + volume_plane + row_length) * wy;
    const float4 pair = near * (1 - wz) + far * wz;
    samples.re[lane] = pair[0] * (1 - wx) + pair[2] * wx;
    samples.im[lane] = pair[1] * (1 - wx) + pair[3] * wx;
  }
  const int4 sign = __builtin_convertvector(flip, int4) << 31;
  samples.im = reinterpret_cast<float4>(reinterpret_cast<int4>(samples.im) ^ sign);
  return samples;
}

// Adds Re(conj(Y) S) to cross and weight |C S|^2 to power, Y the merged image times the CTF.
void add_rotation(const Residuals& args, const ResidualsPlan& plan, const double* matrix, double weight,
                  const Scratch& scratch) noexcept {
  for (std::int32_t ky = -plan.max_ky; ky <= plan.max_ky; ++ky) {
    const std::int32_t row = ky + plan.max_ky;
    const double4 ky4 = broadcast(ky);
    // The last group of four may pass row_end: columns in the plane without a pixel, and, near the edge, points beyond
    // the box. Those are sampled at the origin and count nothing.
    for (std::int32_t kx = plan.row_first[row] & ~3; kx < plan.row_end[row]; kx += 4) {
      const double4 columns = broadcast(kx) + double4{0, 1, 2, 3};
      const long4 is_used = (columns >= static_cast<double>(plan.row_first[row])) &
                            (columns < static_cast<double>(plan.row_end[row]));
      const double4 x = from_bits(bits(coordinate(matrix, columns, ky4)) & is_used);
      const double4 y = from_bits(bits(coordinate(matrix + 2, columns, ky4)) & is_used);
      const double4 z = from_bits(bits(coordinate(matrix + 4, columns, ky4)) & is_used);
      const Samples s = sample(args, x, y, z);
      const std::int64_t place = row * plan.row_stride + kx;
      const float4 image_re = load4(scratch.image_re + place);
      const float4 image_im = load4(scratch.image_im + place);
      const float4 c = load4(scratch.re + place);
      const float4 d = load4(scratch.im + place);
      const float4 re = image_re * c - image_im * d;
      const float4 im = image_re * d + image_im * c;
      const float4 cross = re * s.re + im * s.im;
      const float4 power = load4(scratch.ctf_squared + place) * (s.re * s.re + s.im * s.im);
      store4(scratch.cross + place, load4(scratch.cross + place) + __builtin_convertvector(cross, double4));
      store4(scratch.power + place,
             load4(scratch.power + place) + weight * __builtin_convertvector(power, double4));
    }
  }
}

// False where a rotation is none.
bool sum_row(const Residuals& args, const ResidualsPlan& plan, std::int64_t row, const Scratch& scratch) noexcept {
  const std::int64_t image = args.active[row];
  load_image(args, plan, image, scratch);
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
  for (std::int64_t pixel = 0; pixel < plan.pixel_count; ++pixel) {
    const std::int32_t shell = args.band_shell[plan.source[pixel]];
    cross[shell] += scratch.cross[plan.place[pixel]];
    power[shell] += scratch.power[plan.place[pixel]];
  }
  const double scale = static_cast<double>(args.scale[image]);
  for (std::int64_t shell = 0; shell < args.shell_count; ++shell) {
    // An image without weight gives zeros, whatever its pixels are.
    residual[shell] = total == 0 ? 0 : total * residual[shell] - 2 * scale * cross[shell] + scale * scale * power[shell];
  }
  return true;
}

}  // namespace

void size_residuals(ResidualsPlan& plan) noexcept {
  plan.floats_per_thread = 5 * plane_length(plan) + phase_table_length(plane_of(plan, 1));
  plan.doubles_per_thread = 2 * plane_length(plan);
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
