#include "simd/insert.h"

#include <omp.h>

#include "simd/double4.h"
#include "simd/insert_feet.h"
#include "simd/merge_shifts.h"
#include "simd/slice_coordinates.h"

namespace vitreous::VITREOUS_SIMD_NS {

namespace {

constexpr float contribution_limit = 2251799813685248.0f;  // 2^51: more cannot be rounded by `nearest`

Plane plane_of(const InsertPlan& plan, std::int64_t box_px) noexcept {
  return {box_px, plan.max_kx, plan.max_ky, plan.row_stride, plan.row_first, plan.row_end};
}

// One thread's scratch, all but `tables` and `cursor` planes of the band.
struct Scratch {
  float* image_re;
  float* image_im;
  float* power;
  float* re;
  float* im;
  float* weight;
  float* tables;
  std::int32_t* lower;   // z plane of the lower foot; its complement where the point was flipped
  std::int32_t* cursor;  // [bin_count + 1]
};

Scratch scratch_of(const InsertPlan& plan, std::int64_t thread) noexcept {
  const std::int64_t length = plan.row_stride * (2 * std::int64_t{plan.max_ky} + 1);
  float* const floats = plan.thread_floats + thread * plan.floats_per_thread;
  std::int32_t* const integers = plan.thread_integers + thread * plan.integers_per_thread;
  return {floats,
          floats + length,
          floats + 2 * length,
          floats + 3 * length,
          floats + 4 * length,
          floats + 5 * length,
          floats + 6 * length,
          integers,
          integers + length};
}

// u scale C / sigma2 times the image, and u (scale C)^2 / sigma2, in units of the fixed point; columns without a pixel
// stay 0.
void weigh_image(const Insert& args, const InsertPlan& plan, std::int64_t image, const Scratch& scratch) noexcept {
  const float* const re = args.images + 2 * image * args.band_pixel_count;
  const float* const im = re + args.band_pixel_count;
  const float* const ctf = args.ctf ? args.ctf + image * args.band_pixel_count : nullptr;
  const float* const inverse_sigma2 = args.inverse_sigma2 + args.group[image] * args.shell_count;
  const auto forward_scale = static_cast<float>(args.forward_scale);
  const auto power_scale = static_cast<float>(args.weight_scale / args.forward_scale);
  for (std::int64_t pixel = 0; pixel < plan.pixel_count; ++pixel) {
    const std::int32_t source = plan.source[pixel];
    const std::int32_t place = plan.place[pixel];
    const float scaled_ctf = ctf ? args.scale[image] * ctf[source] : args.scale[image];
    const float factor =
        args.image_weight[image] * scaled_ctf * inverse_sigma2[args.band_shell[source]] * forward_scale;
    scratch.image_re[place] = factor * re[source];
    scratch.image_im[place] = factor * im[source];
    scratch.power[place] = factor * scaled_ctf * power_scale;
  }
}

VITREOUS_INLINE float4 absolute(float4 v) noexcept {
  return reinterpret_cast<float4>(reinterpret_cast<int4>(v) & 0x7fffffff);
}

// Image × merged shifts (in scratch.re, scratch.im), conjugated where the point is flipped, and the z plane of its lower
// foot. False where a value cannot enter.
bool place_pixels(const Insert& args, const InsertPlan& plan, const double* matrix, double total,
                  const Scratch& scratch) noexcept {
  const float total_weight = static_cast<float>(total);
  const std::int64_t edge = args.radius + 1;
  int4 is_good = int4{-1, -1, -1, -1};
  for (std::int32_t ky = -plan.max_ky; ky <= plan.max_ky; ++ky) {
    const std::int32_t row = ky + plan.max_ky;
    const double4 ky4 = broadcast(ky);
    for (std::int32_t kx = 0; kx < plan.row_end[row]; kx += 4) {
      const double4 columns = broadcast(kx) + double4{0, 1, 2, 3};
      const long4 flip = coordinate(matrix, columns, ky4) < 0.0;
      const double4 z = from_bits(bits(coordinate(matrix + 4, columns, ky4)) ^ (flip << 63));
      const long4 lower = (nearest(floor(z)) + edge) ^ flip;
      const std::int64_t place = row * plan.row_stride + kx;
      store4(scratch.lower + place, __builtin_convertvector(lower, int4));
      const float4 image_re = load4(scratch.image_re + place);
      const float4 image_im = load4(scratch.image_im + place);
      const float4 c = load4(scratch.re + place);
      const float4 s = load4(scratch.im + place);
      const float4 re = image_re * c - image_im * s;
      const float4 im = image_re * s + image_im * c;
      const float4 weight = load4(scratch.power + place) * total_weight;
      const int4 sign = __builtin_convertvector(flip, int4) << 31;
      store4(scratch.re + place, re);
      store4(scratch.im + place, reinterpret_cast<float4>(reinterpret_cast<int4>(im) ^ sign));
      store4(scratch.weight + place, weight);
      // A NaN fails each comparison.
      is_good &= (absolute(re) < contribution_limit) & (absolute(im) < contribution_limit) &
                 (absolute(weight) < contribution_limit);
    }
  }
  return (is_good[0] & is_good[1] & is_good[2] & is_good[3]) != 0;
}

// Counting sort by bin, in raster order within each.
void sort_pixels(const InsertPlan& plan, std::int64_t slice, const Scratch& scratch) noexcept {
  const std::int64_t bin_count = plan.bin_count;
  std::int32_t* const cursor = scratch.cursor;
  for (std::int64_t bin = 0; bin <= bin_count; ++bin) cursor[bin] = 0;
  const std::int32_t row_count = 2 * plan.max_ky + 1;
  for (std::int32_t row = 0; row < row_count; ++row) {
    const std::int32_t* const lower = scratch.lower + row * plan.row_stride;
    for (std::int32_t kx = plan.row_first[row]; kx < plan.row_end[row]; ++kx) {
      cursor[plan.bin_of[lower[kx] ^ (lower[kx] >> 31)] + 1] += 1;
    }
  }
  std::int32_t* const start = plan.bin_start + slice * (bin_count + 1);
  for (std::int64_t bin = 0; bin < bin_count; ++bin) cursor[bin + 1] += cursor[bin];
  for (std::int64_t bin = 0; bin <= bin_count; ++bin) start[bin] = cursor[bin];
  SlicePixel* const out = plan.pixels + slice * plan.slice_stride;
  for (std::int32_t row = 0; row < row_count; ++row) {
    const std::int64_t first = row * plan.row_stride;
    const std::int32_t ky = row - plan.max_ky;
    for (std::int32_t kx = plan.row_first[row]; kx < plan.row_end[row]; ++kx) {
      const std::int32_t flip = scratch.lower[first + kx] >> 31;
      SlicePixel& to = out[cursor[plan.bin_of[scratch.lower[first + kx] ^ flip]]++];
      to.re = scratch.re[first + kx];
      to.im = scratch.im[first + kx];
      to.weight = scratch.weight[first + kx];
      to.frequency = (((kx ^ flip) - flip) & 0xffff) | (((ky ^ flip) - flip) << 16);
    }
  }
}

// One slice: false where it cannot enter.
bool extract_slice(const Insert& args, const InsertPlan& plan, std::int64_t point, std::int64_t slice,
                   const Scratch& scratch) noexcept {
  double* const matrix = plan.matrices + 6 * slice;
  if (!slice_matrix(args.rotations + 4 * point, args.padding_factor, matrix)) return false;
  for (int column = 0; plan.is_transposed && column < 2; ++column) {
    const double row_y = matrix[2 + column];
    matrix[2 + column] = matrix[4 + column];
    matrix[4 + column] = row_y;
  }
  const std::int64_t first = point * args.shifts_per_rotation;
  const double total = merge_shifts(plane_of(plan, args.box_px), args.weights + first, args.shifts_px + 2 * first,
                                    args.shifts_per_rotation, scratch.re, scratch.im, scratch.tables);
  if (!place_pixels(args, plan, matrix, total, scratch)) return false;
  sort_pixels(plan, slice, scratch);
  return true;
}

// Adds to two neighbouring voxels, six integers: `left` are the first four, `right` the last two.
VITREOUS_INLINE void add_pair(std::int64_t* voxel, double4 left, double2 right, double weight) noexcept {
  const double4 left_rounded = fma(left, broadcast(weight), broadcast(rounder));
  const double2 right_rounded = fma(right, broadcast2(weight), broadcast2(rounder));
  long4_unaligned* const four = reinterpret_cast<long4_unaligned*>(voxel);
  long2_unaligned* const two = reinterpret_cast<long2_unaligned*>(voxel + 4);
  *four = *four + (bits(left_rounded) - rounder_bits);
  *two = *two + (reinterpret_cast<long2>(right_rounded) - rounder_bits);
}

// Spreads the pixels of one bin on the planes of their lower feet, the next planes, or both. `first_plane` is the
// accumulator's first.
template <bool has_lower, bool has_upper>
void spread(const Insert& args, std::int64_t first_plane, const SlicePixel* pixels, std::int64_t count,
            const double* matrix, std::int64_t first_lower, std::int64_t last_lower) noexcept {
  const std::int64_t row_length = 3 * (args.radius + 2);
  const std::int64_t plane_length = row_length * (2 * args.radius + 3);
  const std::int64_t origin = first_plane * plane_length;
  Feet feet;
  for (std::int64_t done = 0; done < count; done += block_length) {
    const std::int64_t length = count - done < block_length ? count - done : block_length;
    find_feet(pixels + done, length, matrix, args.radius, static_cast<double>(first_lower),
              static_cast<double>(last_lower), feet);
    for (std::int64_t i = 0; i < length; ++i) {
      const float4 pixel = load4(&pixels[done + i].re);
      const float4 repeated = __builtin_shufflevector(pixel, pixel, 0, 1, 2, 0);
      const double4 columns = __builtin_shufflevector(broadcast(feet.left[i]), broadcast(feet.right[i]), 0, 1, 2, 7);
      const double4 left = __builtin_convertvector(repeated, double4) * columns;
      const double2 right = double2{pixel[1], pixel[2]} * feet.right[i];
      std::int64_t* const voxel = args.accumulator + (feet.offset[i] - origin);
      if (has_lower) {
        add_pair(voxel, left, right, feet.corner[0][i]);
        add_pair(voxel + row_length, left, right, feet.corner[1][i]);
      }
      if (has_upper) {
        add_pair(voxel + plane_length, left, right, feet.corner[2][i]);
        add_pair(voxel + plane_length + row_length, left, right, feet.corner[3][i]);
      }
    }
  }
}

void add_slab(const Insert& args, const InsertPlan& plan, std::int64_t slab, std::int64_t slice_count) noexcept {
  const std::int64_t first = slab * plan.thickness;
  const std::int64_t last = first + plan.thickness - 1;
  for (std::int64_t slice = 0; slice < slice_count; ++slice) {
    const std::int32_t* const start = plan.bin_start + slice * (plan.bin_count + 1) + 2 * slab;
    const SlicePixel* const pixels = plan.pixels + slice * plan.slice_stride;
    const double* const matrix = plan.matrices + 6 * slice;
    if (slab > 0) spread<false, true>(args, 0, pixels + start[-1], start[0] - start[-1], matrix, first - 1, first - 1);
    spread<true, true>(args, 0, pixels + start[0], start[1] - start[0], matrix, first, last - 1);
    spread<true, false>(args, 0, pixels + start[1], start[2] - start[1], matrix, last, last);
  }
}

// Planes `first` to `last`, counted from the first that is held: bin p + 1 has its lower feet in plane p.
void add_planes_between(const Insert& args, const InsertPlan& plan, std::int64_t first, std::int64_t last,
                        std::int64_t slice_count) noexcept {
  const std::int64_t lowest = plan.first_plane + first;
  const std::int64_t highest = plan.first_plane + last;
  for (std::int64_t slice = 0; slice < slice_count; ++slice) {
    const std::int32_t* const start = plan.bin_start + slice * (plan.bin_count + 1);
    const SlicePixel* const pixels = plan.pixels + slice * plan.slice_stride;
    const double* const matrix = plan.matrices + 6 * slice;
    const std::int32_t below = start[first];
    const std::int32_t inside = start[first + 1];
    const std::int32_t top = start[last + 1];
    const std::int32_t end = start[last + 2];
    spread<false, true>(args, plan.first_plane, pixels + below, inside - below, matrix, lowest - 1, lowest - 1);
    spread<true, true>(args, plan.first_plane, pixels + inside, top - inside, matrix, lowest, highest - 1);
    spread<true, false>(args, plan.first_plane, pixels + top, end - top, matrix, highest, highest);
  }
}

}  // namespace

void size_scratch(InsertPlan& plan) noexcept {
  const std::int64_t length = plan.row_stride * (2 * std::int64_t{plan.max_ky} + 1);
  plan.floats_per_thread = 6 * length + phase_table_length(plane_of(plan, 1));
  plan.integers_per_thread = length + plan.bin_count + 1;
}

void extract_slices(const Insert& args, const InsertPlan& plan, const std::int64_t* points, std::int64_t count,
                    std::int64_t& failed_row) noexcept {
  std::int64_t failed = -1;
#pragma omp parallel num_threads(static_cast<int>(plan.thread_count))
  {
    const Scratch scratch = scratch_of(plan, omp_get_thread_num());
    std::int64_t weighed_image = -1;
#pragma omp for schedule(static)
    for (std::int64_t slice = 0; slice < count; ++slice) {
      const std::int64_t row = points[slice] / args.rotations_per_image;
      if (args.active[row] != weighed_image) {
        weighed_image = args.active[row];
        weigh_image(args, plan, weighed_image, scratch);
      }
      if (extract_slice(args, plan, points[slice], slice, scratch)) continue;
#pragma omp critical(vitreous_insert_failed)
      if (failed < 0 || row < failed) failed = row;
    }
  }
  if (failed_row < 0) failed_row = failed;
}

void add_slices(const Insert& args, const InsertPlan& plan, std::int64_t count) noexcept {
  // Integer sums: which thread takes which slab, and when, changes no bit.
#pragma omp parallel for schedule(dynamic) num_threads(static_cast<int>(plan.thread_count))
  for (std::int64_t slab = 0; slab < plan.slab_count; ++slab) add_slab(args, plan, slab, count);
}

void add_planes(const Insert& args, const InsertPlan& plan, std::int64_t count) noexcept {
#pragma omp parallel for schedule(dynamic) num_threads(static_cast<int>(plan.thread_count))
  for (std::int64_t slab = 0; slab < plan.slab_count; ++slab) {
    const std::int64_t first = slab * plan.thickness;
    const std::int64_t end = first + plan.thickness < plan.plane_count ? first + plan.thickness : plan.plane_count;
    add_planes_between(args, plan, first, end - 1, count);
  }
}

}  // namespace vitreous::VITREOUS_SIMD_NS
