#include "kernels/score_points.h"

#include <cmath>
#include <stdexcept>

#include "kernels/row_grid.h"
#include "kernels/thread_scratch.h"
#include "simd/dispatch.h"
#include "simd/score_points.h"

namespace vitreous {

namespace {

// padding R (kx, ky, 0): the first two columns of the rotation.
SlicePlane slice_plane(const float* quaternion, double padding) noexcept {
  double w = quaternion[0], x = quaternion[1], y = quaternion[2], z = quaternion[3];
  const double length = std::sqrt(w * w + x * x + y * y + z * z);
  if (!(length > 0 && length < INFINITY)) return {{0, 0, 0}, {0, 0, 0}, NAN};
  w /= length, x /= length, y /= length, z /= length;
  SlicePlane plane{};
  plane.kx[0] = static_cast<float>(padding * (1 - 2 * (y * y + z * z)));
  plane.kx[1] = static_cast<float>(padding * 2 * (x * y + w * z));
  plane.kx[2] = static_cast<float>(padding * 2 * (x * z - w * y));
  plane.ky[0] = static_cast<float>(padding * 2 * (x * y - w * z));
  plane.ky[1] = static_cast<float>(padding * (1 - 2 * (x * x + z * z)));
  plane.ky[2] = static_cast<float>(padding * 2 * (y * z + w * x));
  return plane;
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

// The image's three weights of each pixel in the order of the grid: [group][24], aX re, aX im, 1/2 a scale C of four
// positions at +ky, then at -ky each; a = scale C / sigma2.
void weigh_image(const ScorePointsJob& job, const RowGrid& grid, std::int64_t image, float* weighted) noexcept {
  const float* re = job.images + image * 2 * job.band_pixel_count;
  const float* im = re + job.band_pixel_count;
  const float* ctf = job.ctf ? job.ctf + image * job.band_pixel_count : nullptr;
  const float* inverse_sigma2 = job.inverse_sigma2 + job.group[image] * job.shell_count;
  const float scale = job.scale[image];
  for (std::size_t position = 0; position < grid.plus.size(); ++position) {
    float* out = weighted + position / 4 * score_group_floats + position % 4;
    for (int sign = 0; sign < 2; ++sign, out += 4) {
      const std::int64_t pixel = sign == 0 ? grid.plus[position] : grid.minus[position];
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
  const RowGrid grid = make_row_grid(job.band_kx, job.band_ky, job.band_shell, job.first_pixel, job.end_pixel, job.box_px,
                                     job.max_shell, job.shell_count, job.padding_factor, job.volume_radius);
  const ScoreGroup score_group = kernel_in_force();
  const std::int64_t shifts = job.shifts_per_rotation;
  const std::int64_t most_rotations = job.rotations_per_image < score_group_rotations ? job.rotations_per_image : score_group_rotations;

  ScoreGroupJob shared{};
  shared.runs = grid.runs.data();
  shared.blocks = grid.blocks.data();
  shared.block_count = static_cast<std::int64_t>(grid.blocks.size());
  shared.voxels = job.volume;
  shared.size_x = static_cast<std::int32_t>(job.volume_radius + 2);
  shared.size_y = static_cast<std::int32_t>(2 * job.volume_radius + 3);
  shared.border = static_cast<float>(job.volume_radius + 1);
  shared.box_px = static_cast<double>(job.box_px);
  shared.shift_count = shifts;
  shared.table_x = (grid.max_kx + 15) / 8 * 8;
  shared.table_y = (grid.max_ky + 8) / 8 * 8;

  const std::int64_t weighted_length = grid.group_count() * score_group_floats;
  const std::int64_t table_length = most_rotations * shifts * 2 * (shared.table_x + shared.table_y);
  ThreadScratch<float> floats((weighted_length + 15) / 16 * 16 + table_length);
  ThreadScratch<double> sums(most_rotations * (shifts + 1));
  // Dynamic is safe: an image's results depend on no other image.
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t row = 0; row < job.active_count; ++row) {
    ScoreGroupJob mine = shared;
    float* weighted = floats.mine();
    weigh_image(job, grid, job.active[row], weighted);
    mine.weighted = weighted;
    mine.tables = weighted + (weighted_length + 15) / 16 * 16;
    mine.cross = sums.mine();
    mine.norm = mine.cross + most_rotations * shifts;
    for (std::int64_t first = 0; first < job.rotations_per_image; first += score_group_rotations) {
      const std::int64_t rotation = row * job.rotations_per_image + first;
      const std::int64_t left = job.rotations_per_image - first;
      mine.rotation_count = left < score_group_rotations ? left : score_group_rotations;
      for (std::int64_t m = 0; m < mine.rotation_count; ++m) {
        mine.planes[m] = slice_plane(job.rotations + (rotation + m) * 4, job.padding_factor);
      }
      mine.shifts_px = job.shifts_px + 2 * rotation * shifts;
      mine.out = job.out + rotation * shifts;
      score_group(mine);
    }
  }
}

}  // namespace vitreous
