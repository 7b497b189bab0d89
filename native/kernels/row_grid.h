#pragma once

#include <cstdint>
#include <vector>

namespace vitreous {

// A run of neighbouring kx in the two rows +ky and -ky of the half plane.
struct RowRun {
  std::int32_t ky;  // >= 0
  std::int32_t first_kx;
  std::int32_t count;   // positions, 1..RowGrid::max_run
  std::int32_t offset;  // of the first position within its block; a multiple of 8
};

// Runs whose sums are taken in single precision before they join a double-precision total.
struct RowBlock {
  std::int32_t first_run;
  std::int32_t run_count;
  std::int32_t position_count;  // offsets in use: the sum of round_up(run count, 8)
  std::int64_t first_group;     // groups of four positions (eight pixels), counted through the whole grid
};

// The pixels of a band as rows: what a rotation and a separable phase factor want. A position stands for the pixels
// (kx, +ky) and (kx, -ky); each run's positions are cut in groups of four, the last one padded.
struct RowGrid {
  static constexpr std::int32_t max_run = 128;  // 128 positions are at most 256 pixels
  std::vector<RowRun> runs;
  std::vector<RowBlock> blocks;
  std::vector<std::int64_t> plus;   // [groups][4] place in the band of (kx, +ky); -1 where the band has none
  std::vector<std::int64_t> minus;  // [groups][4] ... of (kx, -ky)
  std::int32_t max_kx = 0;
  std::int32_t max_ky = 0;

  std::int64_t group_count() const noexcept { return static_cast<std::int64_t>(plus.size() / 4); }
};

// Pixels [first_pixel, end_pixel) of the band with shell <= max_shell, shell < shell_count and
// |k| padding <= volume_radius. The order of every sum follows from this grid, so from the band alone.
// Throws std::runtime_error where a frequency lies outside 0 <= kx, |ky| <= box_px / 2, or a shell below 0.
RowGrid make_row_grid(const std::int32_t* band_kx, const std::int32_t* band_ky, const std::int32_t* band_shell,
                      std::int64_t first_pixel, std::int64_t end_pixel, std::int64_t box_px, std::int64_t max_shell,
                      std::int64_t shell_count, double padding_factor, std::int64_t volume_radius);

}  // namespace vitreous
