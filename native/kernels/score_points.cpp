#include "kernels/score_points.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/slice_patches.h"
#include "kernels/thread_scratch.h"
#include "simd/dispatch.h"
#include "simd/score_points.h"

namespace vitreous {

namespace {

// The plane of a quaternion; false where it is no rotation.
bool slice_plane(const float* quaternion, double padding, SlicePlane& plane) noexcept {
  double w = quaternion[0], x = quaternion[1], y = quaternion[2], z = quaternion[3];
  const double length = std::sqrt(w * w + x * x + y * y + z * z);
  plane = {};
  if (!(length > 0 && length < INFINITY)) return false;
  w /= length, x /= length, y /= length, z /= length;
  plane.kx[0] = static_cast<float>(padding * (1 - 2 * (y * y + z * z)));
  plane.kx[1] = static_cast<float>(padding * 2 * (x * y + w * z));
  plane.kx[2] = static_cast<float>(padding * 2 * (x * z - w * y));
  plane.ky[0] = static_cast<float>(padding * 2 * (x * y - w * z));
  plane.ky[1] = static_cast<float>(padding * (1 - 2 * (x * x + z * z)));
  plane.ky[2] = static_cast<float>(padding * 2 * (y * z + w * x));
  return true;
}

void require_indices(const ScorePointsJob& job) {
  for (std::int64_t row = 0; row < job.active_count; ++row) {
    const std::int32_t image = job.active[row];
    if (image < 0 || image >= job.image_count) throw std::runtime_error("scorePoints: an active image is not in the set");
    if (job.group[image] < 0 || job.group[image] >= job.group_count) {
      throw std::runtime_error("scorePoints: an image's noise group has no row in inverseSigma2");
    }
  }
}

// The image's three weights of each pixel in the order of the patches: [row][2][3][8], aX re, aX im, 1/2 a scale C of the row at
// +ky, then at -ky; a = scale C / sigma2.
void weigh_image(const ScorePointsJob& job, const SlicePatches& patches, std::int64_t image, float* weighted) noexcept {
  const float* re = job.images + image * 2 * job.band_pixel_count;
  const float* im = re + job.band_pixel_count;
  const float* ctf = job.ctf ? job.ctf + image * job.band_pixel_count : nullptr;
  const float* inverse_sigma2 = job.inverse_sigma2 + job.group[image] * job.shell_count;
  const float scale = job.scale[image];
  for (std::size_t position = 0; position < patches.source.size(); ++position) {
    float* out = weighted + position / 8 * 24 + position % 8;
    const std::int64_t pixel = patches.source[position];
    if (pixel < 0) {
      out[0] = out[8] = out[16] = 0;
      continue;
    }
    const float signal = ctf ? scale * ctf[pixel] : scale;
    const float a = signal * inverse_sigma2[job.band_shell[pixel]];
    out[0] = a * re[pixel];
    out[8] = a * im[pixel];
    out[16] = 0.5f * a * signal;
  }
}

using ScoreGroup = void (*)(const ScoreGroupJob&) noexcept;

ScoreGroup kernel_in_force() {
  switch (active_isa()) {
    case Isa::avx512: return avx512::score_group;
    case Isa::avx2: return avx2::score_group;
    case Isa::sse2: break;
  }
  return sse2::score_group;
}

}  // namespace

void score_points(const ScorePointsJob& job) {
  if (job.active_count == 0) return;
  require_indices(job);
  const SlicePatches patches =
      make_slice_patches(job.band_kx, job.band_ky, job.band_shell, job.first_pixel, job.end_pixel, job.box_px, job.max_shell,
                         job.shell_count, job.padding_factor, job.volume_radius);
  const ScoreGroup score_group = kernel_in_force();
  const std::int64_t shifts = job.shifts_per_rotation;
  const std::int64_t most_rotations = std::min(job.rotations_per_image, score_group_rotations);

  ScoreGroupJob shared{};
  shared.patches = patches.patches.data();
  shared.patch_count = static_cast<std::int64_t>(patches.patches.size());
  shared.rows = patches.rows.data();
  shared.kx = patches.kx.data();
  shared.volume = {job.volume, static_cast<std::int32_t>(job.volume_radius + 2),
                   static_cast<std::int32_t>(2 * job.volume_radius + 3), static_cast<float>(job.volume_radius + 1)};
  shared.box_px = static_cast<double>(job.box_px);
  shared.shift_count = shifts;
  shared.table_x = (patches.max_kx + 8) / 8 * 8;
  shared.table_y = (patches.max_ky + 8) / 8 * 8;

  // Each part a multiple of 16 floats: the next begins on a cache line.
  const auto weighted_length = static_cast<std::int64_t>(patches.rows.size()) * score_row_floats;
  const std::int64_t table_length = most_rotations * shifts * 2 * (shared.table_x + shared.table_y);
  const std::int64_t sum_count = most_rotations * (shifts + 1);
  ThreadScratch<float> floats(weighted_length + table_length + 8 * sum_count);
  ThreadScratch<double> doubles(sum_count);
  // Dynamic is safe: an image's results depend on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t row = 0; row < job.active_count; ++row) {
    ScoreGroupJob mine = shared;
    float* weighted = floats.mine();
    weigh_image(job, patches, job.active[row], weighted);
    mine.weighted = weighted;
    mine.tables = weighted + weighted_length;
    mine.sums = mine.tables + table_length;
    mine.totals = doubles.mine();
    for (std::int64_t first = 0; first < job.rotations_per_image; first += score_group_rotations) {
      const std::int64_t rotation = row * job.rotations_per_image + first;
      mine.rotation_count = std::min(job.rotations_per_image - first, score_group_rotations);
      for (std::int64_t m = 0; m < mine.rotation_count; ++m) {
        const bool is_rotation = slice_plane(job.rotations + (rotation + m) * 4, job.padding_factor, mine.planes[m]);
        mine.starts[m] = is_rotation ? 0 : NAN;
      }
      mine.shifts_px = job.shifts_px + 2 * rotation * shifts;
      mine.out = job.out + rotation * shifts;
      score_group(mine);
    }
  }
}

}  // namespace vitreous
